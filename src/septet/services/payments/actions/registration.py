"""Our webhook endpoint at the provider registers itself at the first payment, unless that is switched off."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import stripe
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.jobs import job
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.payments.actions.webhooks import FOLLOWED, KEPT
from septet.services.payments.models import WebhookRegistration
from septet.services.payments.processor import processor_of
from septet.services.payments.settings import PaymentsSettings
from septet.services.payments.signatures import cipher_of

AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Registration:
    """Where events are to be sent."""

    url: str


def webhook_url(runtime: Runtime) -> str:
    configured = runtime.service_settings(PaymentsSettings).webhook_url
    return configured or f"{runtime.settings.public_url.rstrip('/')}/payments/webhook"


async def ensure_registered(uow: UnitOfWork) -> None:
    """Have the worker register our endpoint, where that is not done yet."""
    if not uow.settings(PaymentsSettings).webhook_register or _known(uow.runtime).registered:
        return
    url = webhook_url(uow.runtime)
    statement = select(WebhookRegistration.url).where(WebhookRegistration.url == url)
    if await uow.session.scalar(statement) is None:
        uow.enqueue(register, Registration(url), dedupe_key=f"payments:register:{url}")
    else:
        _known(uow.runtime).registered = True


@dataclass(slots=True)
class _Known:
    registered: bool = False


def _known(runtime: Runtime) -> _Known:
    return runtime.shared(_nothing_known)


def _nothing_known(_: Runtime) -> _Known:
    return _Known()


@job(concurrency=1)
async def register(uow: UnitOfWork, wanted: Registration) -> None:
    """Make the endpoint at the provider, in place of any of the same URL whose secret is lost."""
    statement = select(WebhookRegistration.url).where(WebhookRegistration.url == wanted.url)
    if await uow.session.scalar(statement) is not None:
        return
    await uow.commit()
    endpoints = processor_of(uow.runtime).api.webhook_endpoints
    try:
        for existing in (await endpoints.list_async({"limit": 100})).data:
            if existing.url == wanted.url:
                await endpoints.delete_async(existing.id)
        params: Any = {"url": wanted.url, "enabled_events": [*FOLLOWED, *KEPT]}
        made = await endpoints.create_async(params)
    except stripe.StripeError as error:
        log.warning("the webhook endpoint could not be registered, trying again", url=wanted.url, error=str(error))
        uow.enqueue(register, wanted, at=uow.now + AGAIN, dedupe_key=f"payments:register:{wanted.url}:later")
        return
    secret = cipher_of(uow.runtime).encrypt(str(made.secret).encode())
    await uow.execute(delete(WebhookRegistration).where(WebhookRegistration.url == wanted.url))
    await uow.execute(
        insert(WebhookRegistration).values(url=wanted.url, provider_id=made.id, secret=secret, created_at=uow.now)
    )
