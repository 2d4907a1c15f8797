"""In-app: the entry, its counter and its settlement are one transaction, so it appears exactly once."""

from collections.abc import Sequence
from uuid import UUID

from septet.services.notifications.dispatch.judging import judge
from septet.services.notifications.dispatch.worker import Desk
from septet.services.notifications.store.inbox import NewEntry, add_entries
from septet.services.notifications.stream import announce


async def deliver_in_app(desk: Desk, tenant_id: UUID, delivery_ids: Sequence[UUID]) -> None:
    async with desk.transaction(tenant_id) as uow:
        judged = await judge(uow, delivery_ids)
        entries = []
        for letter in judged.letters:
            task, rendered = letter.task, letter.rendered
            assert task.user_id is not None
            entry = NewEntry(
                task.id, task.user_id, task.notification_id, task.category, rendered.title, rendered.body,
                rendered.link, rendered.locale, task.data,
            )  # fmt: skip
            entries.append(entry)
            judged.settled.append(letter.settled("delivered", "delivered", "in_inbox", attempts=1))
            announce(
                uow,
                task.user_id,
                "notification",
                {"id": task.id, "title": rendered.title, "body": rendered.body, "link": rendered.link},
                task.id,
            )
        if entries:
            await add_entries(uow, entries)
        await desk.settle_now(uow, judged.settled, judged.tasks)
