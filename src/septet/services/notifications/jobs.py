"""Durable reactions and schedules: every public event to the webhooks, retention."""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from septet.kernel.events import on_every_event
from septet.kernel.jobs import job, schedule
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import inbox, mailbox, notifications, recipients, tenants, webhooks
from septet.services.notifications.webhooks.publishing import Occurrence, publish


@dataclass(frozen=True, slots=True)
class Retention:
    """A tenant whose old rows are due to go."""

    tenant_id: UUID


@on_every_event(webhooks.anybody_listens)
async def send_event_to_webhooks(uow: UnitOfWork, event_id: UUID, name: str, body: bytes) -> None:
    await publish(uow, [Occurrence(event_id, name, json.loads(body))])


@schedule("41 3 * * *")
async def forget_old(uow: UnitOfWork) -> None:
    """Nightly, a job for each tenant."""
    for tenant_id in await tenants.known(uow):
        uow.enqueue(forget_old_of_tenant, Retention(tenant_id))


@job()
async def forget_old_of_tenant(uow: UnitOfWork, retention: Retention) -> None:
    await uow.enter_tenant(retention.tenant_id)
    settings = uow.settings(NotificationsSettings)
    old = uow.now - timedelta(days=settings.retention_days)
    await inbox.forget_before(uow, uow.now - timedelta(days=settings.inbox_retention_days))
    await notifications.forget_before(uow, old)
    await webhooks.forget_before(uow, old)
    await mailbox.forget_before(uow, old)
    await recipients.forget_slots_before(uow, old)
