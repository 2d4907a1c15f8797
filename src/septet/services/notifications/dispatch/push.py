"""Push: to every subscription of the recipient. One that took it is enough; those that are gone are removed."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from septet.services.notifications.dispatch.backoff import PUSH
from septet.services.notifications.dispatch.judging import Letter, judge
from septet.services.notifications.dispatch.worker import Desk, Sending, all_of
from septet.services.notifications.mail.message import sender_address
from septet.services.notifications.models import PushSubscription
from septet.services.notifications.push.fcm import Fcm, is_gone
from septet.services.notifications.push.web import SubscriptionBroken, send_web_push
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import push
from septet.services.notifications.store.outbox import Settlement
from septet.services.notifications.webhooks.calling import Answer, Caller

LARGEST_PAYLOAD = 3500
"""Push services take 4096 bytes, encryption and its padding included."""


@dataclass(frozen=True, slots=True)
class Target:
    """A subscription to send to; `id` is None for one that came with the notification and is not stored."""

    id: UUID | None
    kind: str
    endpoint: str
    keys: dict[str, str]


class PushChannel:
    """Web Push, and FCM where a service account is set."""

    def __init__(self, settings: NotificationsSettings, caller: Caller) -> None:
        self.settings = settings
        self.caller = caller
        file = settings.fcm_service_account_file
        self.fcm = Fcm(file, settings.fcm_url) if file else None

    async def deliver(self, desk: Desk, tenant_id: UUID, delivery_ids: Sequence[UUID]) -> Sending | None:
        async with desk.transaction(tenant_id) as uow:
            judged = await judge(uow, delivery_ids)
            users = [letter.task.user_id for letter in judged.letters if letter.task.user_id]
            found = await push.subscriptions(uow, users) if users else []
            targets = {letter.task.id: _targets(letter, found) for letter in judged.letters}
            judged.settled.extend(
                letter.settled("suppressed", "suppressed", "missing_address", detail={"needs": "pushSubscription"})
                for letter in judged.letters
                if not targets[letter.task.id]
            )
            await desk.settle_now(uow, judged.settled, judged.tasks)
        sends = [
            self._send(desk, tenant_id, letter, to) for letter in judged.letters if (to := targets[letter.task.id])
        ]
        return all_of(sends)

    async def _send(self, desk: Desk, tenant_id: UUID, letter: Letter, targets: list[Target]) -> None:
        answers = await asyncio.gather(*(self._call(desk, letter, target) for target in targets))
        gone = [t for t, answer in zip(targets, answers, strict=True) if _is_gone(t, answer) and t.id is not None]
        if gone:
            async with desk.transaction(tenant_id) as uow:
                for target in gone:
                    assert target.id is not None
                    await push.remove(uow, target.id)
        desk.finished(tenant_id, letter.task, _judge(desk, letter, targets, answers))

    async def _call(self, desk: Desk, letter: Letter, target: Target) -> Answer:
        now = desk.runtime.clock.real(desk.runtime.clock.now())
        ttl, task, rendered = self.settings.push_ttl_seconds, letter.task, letter.rendered
        if target.kind == "fcm":
            if self.fcm is None:
                return Answer(None, {}, "", 0, "FCM is not set up: SEPTET_NOTIFICATIONS_FCM_SERVICE_ACCOUNT_FILE")
            message = {"title": rendered.title, "body": rendered.body, "link": rendered.link}
            return await self.fcm.send(self.caller, target.endpoint, message, {"id": str(task.id)}, ttl, now)
        subject = self.settings.vapid_subject or f"mailto:{sender_address(self.settings)}"
        try:
            return await send_web_push(
                self.caller,
                desk.runtime.secrets,
                {"endpoint": target.endpoint, "keys": target.keys},
                _payload(letter),
                subject=subject,
                ttl=ttl,
                urgency=str(task.data.get("urgency")) if task.data.get("urgency") in URGENCIES else "normal",
                topic=task.digest_key,
                now=now,
            )
        except SubscriptionBroken as error:
            return Answer(410, {}, str(error), 0, f"the subscription's keys are broken: {error}")


URGENCIES = ("very-low", "low", "normal", "high")


def _targets(letter: Letter, found: Sequence[PushSubscription]) -> list[Target]:
    if letter.task.address:
        given: dict[str, Any] = json.loads(letter.task.address)
        return [Target(None, "web", given["endpoint"], given["keys"])]
    return [
        Target(s.id, s.kind, s.endpoint, {"p256dh": s.p256dh or "", "auth": s.auth or ""})
        for s in found
        if s.user_id == letter.task.user_id
    ]


def _payload(letter: Letter) -> bytes:
    """What the service worker gets; the body is cut to what push services take."""
    rendered, body = letter.rendered, letter.rendered.body
    while True:
        content = {"id": str(letter.task.id), "title": rendered.title, "body": body, "link": rendered.link}
        payload = json.dumps(content, ensure_ascii=False).encode()
        if len(payload) <= LARGEST_PAYLOAD or not body:
            return payload
        body = body[: len(body) * 3 // 4].rstrip("…") + "…" if len(body) > 8 else ""


def _is_gone(target: Target, answer: Answer) -> bool:
    return is_gone(answer) if target.kind == "fcm" else answer.status in (404, 410)


def _judge(desk: Desk, letter: Letter, targets: Sequence[Target], answers: Sequence[Answer]) -> Settlement:
    attempt = letter.task.attempts + 1
    detail: dict[str, Any] = {
        "attempt": attempt,
        "answers": [_told(t, a) for t, a in zip(targets, answers, strict=True)],
    }
    if any(answer.succeeded for answer in answers):
        return letter.settled("sent", "sent", "accepted_by_push_service", detail=detail, attempts=1)
    if all(_is_gone(t, a) for t, a in zip(targets, answers, strict=True)):
        return letter.settled("failed", "failed", "subscription_gone", detail=detail, attempts=1)
    waits = [a.retry_after for a in answers if a.retry_after is not None]
    transient = any((a.status is None and not a.refused) or a.status == 429 or (a.status or 0) >= 500 for a in answers)
    wait = PUSH.after(attempt, max(waits, default=None)) if transient else None
    if wait is None:
        reason = "gave_up" if transient else "refused_by_push_service"
        return letter.settled("failed", "failed", reason, detail=detail, attempts=1)
    due = desk.runtime.clock.now() + wait
    detail["until"] = due.isoformat()
    return letter.settled("queued", "deferred", "provider_error", detail=detail, attempts=1, due_at=due)


def _told(target: Target, answer: Answer) -> dict[str, Any]:
    told = {"subscription": str(target.id) if target.id else target.endpoint, "status": answer.status}
    return told | ({"error": answer.error or answer.body[:200]} if not answer.succeeded else {})
