"""In-app: the entry, its counter and its settlement are one transaction, so it appears exactly once."""

from collections.abc import Sequence
from uuid import UUID

from septet.services.notifications.dispatch.judging import Letter, judge
from septet.services.notifications.dispatch.worker import Desk
from septet.services.notifications.store.inbox import NewEntry, add_entries
from septet.services.notifications.stream import Notice, announce


async def deliver_in_app(desk: Desk, tenant_id: UUID, delivery_ids: Sequence[UUID]) -> None:
    async with desk.transaction(tenant_id) as uow:
        judged = await judge(uow, delivery_ids)
        if judged.letters:
            await add_entries(uow, [_entry(letter) for letter in judged.letters])
        judged.settled.extend(
            letter.settled("delivered", "delivered", "in_inbox", attempts=1) for letter in judged.letters
        )
        announce(uow, [_notice(letter) for letter in judged.letters])
        await desk.settle_now(uow, judged.settled, judged.tasks)


def _entry(letter: Letter) -> NewEntry:
    task, rendered = letter.task, letter.rendered
    assert task.user_id is not None
    return NewEntry(
        task.id, task.user_id, task.notification_id, task.category, rendered.title, rendered.body, rendered.link,
        rendered.locale, task.data,
    )  # fmt: skip


def _notice(letter: Letter) -> Notice:
    task, rendered = letter.task, letter.rendered
    assert task.user_id is not None
    said = {"id": task.id, "title": rendered.title, "body": rendered.body, "link": rendered.link}
    return Notice(task.user_id, "notification", said, task.id)
