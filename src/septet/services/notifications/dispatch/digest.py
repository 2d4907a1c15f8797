"""Closing a digest: one message that lists what came. The members' rows say which digest they went into."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications import system_templates
from septet.services.notifications.deciding.composing import NothingToSay, compose
from septet.services.notifications.deciding.facts import Facts, Task, gather_facts, load_tasks
from septet.services.notifications.dispatch.worker import Desk
from septet.services.notifications.models import Digest, Notification
from septet.services.notifications.store import digests, notifications, outbox
from septet.services.notifications.templating.messageformat import MessageSyntaxError
from septet.services.notifications.waking import wake_dispatchers

LISTED = 100
"""So many items are written out; the count is always exact."""


async def close_digests(desk: Desk, tenant_id: UUID, digest_ids: Sequence[UUID]) -> None:
    for digest_id in digest_ids:
        async with desk.transaction(tenant_id) as uow:
            held = await outbox.finish(uow, desk.number, [digest_id])
            digest = await digests.close(uow, digest_id) if held else None
            if digest is not None:
                await _send_listing(uow, digest)


async def _send_listing(uow: UnitOfWork, digest: Digest) -> None:
    members = await digests.member_ids(uow, digest.id)
    tasks = await load_tasks(uow, members[:LISTED])
    if not tasks:
        return
    facts = await gather_facts(uow, tasks)
    items = [item for task in tasks if (item := _item(task, facts))]
    first = tasks[0]
    listing = Notification(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        template=system_templates.DIGEST,
        data={"count": len(members), "body": _lines(items, len(members)), "items": items, "digestKey": digest.key},
        category=digest.category,
        channels=[digest.channel],
        locale=first.locale,
        digest_id=digest.id,
        status="queued",
        send_at=uow.now,
        recipient_count=1,
        created_at=uow.now,
    )
    await notifications.add_notifications(uow, [listing])
    delivery = notifications.NewDelivery(
        uow.new_id(),
        listing.id,
        digest.channel,
        digest.recipient,
        first.user_id,
        first.address,
        digest.category,
        uow.now,
    )
    await notifications.add_deliveries(uow, [delivery])
    wake_dispatchers(uow, digest.channel)


def _item(task: Task, facts: Facts) -> dict[str, Any] | None:
    try:
        rendered = compose(task, facts)
    except (NothingToSay, MessageSyntaxError):
        return None
    return {"title": rendered.title, "body": rendered.body, "link": rendered.link}


def _lines(items: Sequence[dict[str, Any]], count: int) -> str:
    lines = [f"• {item['title']}" + (f"\n  {item['body'].strip()}" if item["body"].strip() else "") for item in items]
    if count > len(items):
        lines.append(f"… +{count - len(items)}")
    return "\n".join(lines)
