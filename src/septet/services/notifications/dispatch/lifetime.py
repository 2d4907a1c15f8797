"""The dispatcher of a worker process, from its start to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from septet.kernel.runtime import Runtime
from septet.services.notifications.actions.sending import BULK
from septet.services.notifications.dispatch.bulk import expand_recipients
from septet.services.notifications.dispatch.claims import Claimant
from septet.services.notifications.dispatch.digest import close_digests
from septet.services.notifications.dispatch.dispatcher import Dispatcher, Lane
from septet.services.notifications.dispatch.email import EmailChannel
from septet.services.notifications.dispatch.in_app import deliver_in_app
from septet.services.notifications.dispatch.judging import DIGEST
from septet.services.notifications.dispatch.push import PushChannel
from septet.services.notifications.dispatch.webhook import WebhookChannel, hand_to_webhooks
from septet.services.notifications.dispatch.worker import Desk
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.webhooks.calling import Caller
from septet.services.notifications.webhooks.publishing import HOOK

HTTP_CONNECTIONS = 256
PER_ENDPOINT = 8


@asynccontextmanager
async def dispatching(runtime: Runtime) -> AsyncIterator[None]:
    """Work on the outbox until the end; then finish what is in flight."""
    settings = runtime.service_settings(NotificationsSettings)
    claimant = Claimant(runtime)
    desk = Desk(runtime, claimant.number)
    email = EmailChannel(settings)
    caller = Caller(
        allow_private=settings.webhook_allow_private,
        timeout_seconds=settings.webhook_timeout_seconds,
        concurrency=HTTP_CONNECTIONS,
    )
    async with caller.open():
        push, hooks = PushChannel(settings, caller), WebhookChannel(settings, caller)
        lanes = [
            Lane("inApp", deliver_in_app, room=800, batch=400, pause=0.05),
            Lane("email", email.deliver, room=max(400, 8 * settings.mail_connections), batch=200, pause=0.1),
            Lane("push", push.deliver, room=128, batch=64),
            Lane("webhook", hand_to_webhooks, room=200, batch=100),
            Lane(HOOK, hooks.deliver, room=256, batch=64, per_key=PER_ENDPOINT),
            Lane(DIGEST, close_digests, room=100, batch=50),
            Lane(BULK, expand_recipients, room=4, batch=4),
        ]
        dispatcher = Dispatcher(claimant, desk, lanes)
        task = asyncio.create_task(dispatcher.run())
        try:
            yield
        finally:
            await dispatcher.stop(task, runtime.settings.drain_seconds)
            email.mailer.close()
