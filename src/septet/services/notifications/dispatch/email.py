"""E-mail: to the SMTP servers where some are set, else into the development mailbox within the transaction."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.dispatch.backoff import EMAIL
from septet.services.notifications.dispatch.judging import Letter, judge
from septet.services.notifications.dispatch.links import with_short_links
from septet.services.notifications.dispatch.worker import Desk, Sending, all_of
from septet.services.notifications.mail.message import build_message, sender_address
from septet.services.notifications.mail.mime import AddressUnsupported
from septet.services.notifications.mail.smtp import MailDeferred, Mailer, MailRefused
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import mailbox
from septet.services.notifications.store.outbox import Settlement

RESTING_SECONDS = 10


class EmailChannel:
    """`mailer` has no servers while none is set."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self.settings = settings
        self.mailer = Mailer(settings)

    async def deliver(self, desk: Desk, tenant_id: UUID, delivery_ids: Sequence[UUID]) -> Sending | None:
        async with desk.transaction(tenant_id) as uow:
            judged = await judge(uow, delivery_ids)
            messages = []
            for letter in await with_short_links(uow, judged.letters):
                try:
                    messages.append((letter, self._message(uow, letter)))
                except AddressUnsupported as error:
                    detail = {"error": str(error)}
                    judged.settled.append(letter.settled("failed", "failed", "address_unsupported", detail=detail))
            if not self.mailer.servers:
                await self._into_mailbox(uow, messages)
                judged.settled.extend(
                    letter.settled("delivered", "delivered", "in_mailbox", attempts=1) for letter, _ in messages
                )
            await desk.settle_now(uow, judged.settled, judged.tasks)
        if not self.mailer.servers:
            return None
        return all_of([self._send(desk, tenant_id, letter, raw) for letter, raw in messages])

    def _message(self, uow: UnitOfWork, letter: Letter) -> bytes:
        assert letter.email is not None
        return build_message(
            self.settings,
            letter.task.id,
            letter.email,
            letter.rendered,
            uow.clock.real(uow.now),
            letter.unsubscribe_url,
            letter.task.attachments or (),
        )

    async def _into_mailbox(self, uow: UnitOfWork, messages: Sequence[tuple[Letter, bytes]]) -> None:
        rows = [(letter.task.id, letter.email or "", letter.rendered.title, raw) for letter, raw in messages]
        await mailbox.add(uow, rows)

    async def _send(self, desk: Desk, tenant_id: UUID, letter: Letter, raw: bytes) -> None:
        settlement = await self._attempt(desk, letter, raw)
        desk.finished(tenant_id, letter.task, settlement)

    async def _attempt(self, desk: Desk, letter: Letter, raw: bytes) -> Settlement:
        attempt = letter.task.attempts + 1
        assert letter.email is not None
        try:
            server, answer = await self.mailer.send(sender_address(self.settings), letter.email, raw)
        except MailRefused as error:
            detail = {"error": str(error), "attempt": attempt}
            return letter.settled("failed", "failed", "refused_by_server", detail=detail, attempts=1)
        except MailDeferred as error:
            return self._later(desk, letter, error, attempt)
        detail = {"server": server, "answer": answer, "attempt": attempt}
        return letter.settled("sent", "sent", "accepted_by_server", detail=detail, attempts=1)

    def _later(self, desk: Desk, letter: Letter, error: MailDeferred, attempt: int) -> Settlement:
        now = desk.runtime.clock.now()
        detail = {"error": str(error), "attempt": attempt}
        if not error.attempted:
            due = now + timedelta(seconds=RESTING_SECONDS)
            return letter.settled("queued", "deferred", "servers_resting", detail={"error": str(error)}, due_at=due)
        wait = EMAIL.after(attempt)
        if wait is None:
            return letter.settled("failed", "failed", "gave_up", detail=detail, attempts=1)
        detail["until"] = (now + wait).isoformat()
        return letter.settled("queued", "deferred", "provider_error", detail=detail, attempts=1, due_at=now + wait)
