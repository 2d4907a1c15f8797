"""Webhooks: a notification on the channel `webhook` becomes an event; every event's webhooks are signed and sent.

The attempts follow Standard Webhooks' schedule. 410 disables the endpoint; one that only fails for days is disabled
too, and its organization's administrators are told.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.dispatch.backoff import webhook_delay
from septet.services.notifications.dispatch.judging import Letter, judge
from septet.services.notifications.dispatch.worker import Desk, Sending, all_of
from septet.services.notifications.events import NotificationMessage
from septet.services.notifications.models import WebhookDelivery, WebhookEndpoint
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import outbox, webhooks
from septet.services.notifications.webhooks.calling import Answer, Caller
from septet.services.notifications.webhooks.disabling import disable_endpoint
from septet.services.notifications.webhooks.publishing import occurrence, publish
from septet.services.notifications.webhooks.receipts import answer_for_delivery
from septet.services.notifications.webhooks.signing import signed_headers, unseal


async def hand_to_webhooks(desk: Desk, tenant_id: UUID, delivery_ids: Sequence[UUID]) -> None:
    """Notifications on the channel `webhook`: delivered once every endpoint that wants them has them."""
    async with desk.transaction(tenant_id) as uow:
        judged = await judge(uow, delivery_ids)
        events = {letter.task.id: _message(uow, letter) for letter in judged.letters}
        taken = await publish(uow, list(events.values()))
        for letter in judged.letters:
            if events[letter.task.id].id in taken:
                judged.settled.append(letter.settled("queued", "sent", "handed_to_webhooks", attempts=1))
            else:
                judged.settled.append(letter.settled("suppressed", "suppressed", "no_webhook_endpoint"))
        await desk.settle_now(uow, judged.settled, judged.tasks)


def _message(uow: UnitOfWork, letter: Letter) -> Any:
    task, rendered = letter.task, letter.rendered
    event = NotificationMessage(
        uow.tenant_id, task.notification_id, task.id, task.recipient, rendered.title, rendered.body, rendered.link
    )
    return occurrence(uow, event, task.id)


class WebhookChannel:
    """Sends webhooks through one HTTP client."""

    def __init__(self, settings: NotificationsSettings, caller: Caller) -> None:
        self.settings = settings
        self.caller = caller

    async def deliver(self, desk: Desk, tenant_id: UUID, delivery_ids: Sequence[UUID]) -> Sending | None:
        async with desk.transaction(tenant_id) as uow:
            rows = await webhooks.to_send(uow, delivery_ids)
            gone = set(delivery_ids) - {delivery.id for delivery, _ in rows}
            await outbox.finish(uow, desk.number, list(gone))
        return all_of([self._send(desk, tenant_id, delivery, endpoint) for delivery, endpoint in rows])

    async def _send(self, desk: Desk, tenant_id: UUID, delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> None:
        if not endpoint.enabled:
            answer, headers = Answer(None, {}, "", 0, "the endpoint is disabled", refused=True), {}
        else:
            headers = self._headers(desk, delivery, endpoint)
            now = desk.runtime.clock.real(desk.runtime.clock.now())
            answer = await self.caller.post(endpoint.url, delivery.body.encode(), headers, now)
        async with desk.transaction(tenant_id) as uow:
            await self._record(uow, desk, delivery, endpoint, headers, answer)

    def _headers(self, desk: Desk, delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> dict[str, str]:
        secrets, clock = desk.runtime.secrets, desk.runtime.clock
        valid = [unseal(secrets, endpoint.secret)]
        if endpoint.previous_secret and endpoint.previous_secret_until and endpoint.previous_secret_until > clock.now():
            valid.append(unseal(secrets, endpoint.previous_secret))
        message_id = f"msg_{delivery.event_id.hex}"
        signed = signed_headers(secrets, valid, message_id, clock.real(clock.now()), delivery.body)
        return {"content-type": "application/json", "user-agent": "Septet-Webhooks/1", **signed}

    async def _record(
        self,
        uow: UnitOfWork,
        desk: Desk,
        delivery: WebhookDelivery,
        endpoint: WebhookEndpoint,
        headers: dict[str, str],
        answer: Answer,
    ) -> None:
        """Write the attempt down and decide what follows, unless another worker has taken the delivery over."""
        wait = None if answer.succeeded or answer.status == 410 or answer.refused else webhook_delay(
            delivery.attempts + 1, answer.retry_after
        )  # fmt: skip
        due = uow.now + wait if wait is not None else None
        if due is not None:
            held = await outbox.postpone(uow, desk.number, [(delivery.id, due)])
        else:
            held = await outbox.finish(uow, desk.number, [delivery.id])
        if not held:
            return
        status = "delivered" if answer.succeeded else "queued" if due else "failed"
        entry = attempt_entry(uow, delivery, headers, answer)
        await webhooks.record_attempt(uow, delivery.id, status, entry, due)
        if delivery.delivery_id and due is None:
            await answer_for_delivery(uow, delivery.delivery_id, answer.error or f"status {answer.status}")
        await self._judge_endpoint(uow, endpoint, answer)

    async def _judge_endpoint(self, uow: UnitOfWork, endpoint: WebhookEndpoint, answer: Answer) -> None:
        if answer.succeeded:
            if endpoint.failing_since is not None:
                await webhooks.set_endpoint(uow, endpoint.id, failing_since=None)
        elif answer.status == 410:
            await disable_endpoint(uow, endpoint.id, "it answered 410 Gone")
        elif endpoint.enabled and endpoint.failing_since is None:
            await webhooks.set_endpoint(uow, endpoint.id, failing_since=uow.now)
        elif endpoint.enabled and endpoint.failing_since is not None:
            hours = self.settings.webhook_disable_after_hours
            if uow.now - endpoint.failing_since >= timedelta(hours=hours):
                await disable_endpoint(uow, endpoint.id, f"it failed for {hours} hours without a success")


def attempt_entry(
    uow: UnitOfWork, delivery: WebhookDelivery, headers: dict[str, str], answer: Answer
) -> dict[str, Any]:
    """One attempt as the delivery log shows it."""
    return {
        "at": uow.now.isoformat(),
        "attempt": delivery.attempts + 1,
        "status": answer.status,
        "error": answer.error,
        "durationMs": answer.duration_ms,
        "requestHeaders": headers,
        "responseHeaders": answer.headers,
        "responseBody": answer.body,
    }
