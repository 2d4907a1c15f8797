"""What is known about recipients: preferences, categories' rules, suppressed addresses, throttle slots."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import Category, Preferences, Suppression

_LOCK_SLOTS = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))")
_TAKE_SLOT = text(
    """INSERT INTO notifications.throttle_slots (tenant_id, id, recipient, category, channel, taken_at)
       SELECT CAST(:tenant AS uuid), CAST(:id AS uuid), :recipient, :category, :channel, CAST(:now AS timestamptz)
       WHERE (SELECT count(*) FROM notifications.throttle_slots
              WHERE tenant_id = :tenant AND recipient = :recipient AND category = :category AND channel = :channel
                AND taken_at > CAST(:since AS timestamptz) AND id <> :id) < :most
       ON CONFLICT (tenant_id, id) DO UPDATE SET taken_at = EXCLUDED.taken_at RETURNING id"""
)


async def preferences_of(uow: UnitOfWork, recipients: Sequence[str]) -> dict[str, Preferences]:
    statement = select(Preferences).where(Preferences.tenant_id == uow.tenant_id, Preferences.recipient.in_(recipients))
    return {found.recipient: found for found in (await uow.session.scalars(statement)).all()}


async def save_preferences(uow: UnitOfWork, recipient: str, values: Mapping[str, Any]) -> None:
    statement = insert(Preferences).values(tenant_id=uow.tenant_id, recipient=recipient, revision=1, **values)
    changed = {**values, "revision": Preferences.revision + 1}
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[Preferences.tenant_id, Preferences.recipient], set_=changed)
    )


async def categories(uow: UnitOfWork) -> Sequence[Category]:
    statement = select(Category).where(Category.tenant_id == uow.tenant_id).order_by(Category.name)
    return (await uow.session.scalars(statement)).all()


async def save_category(uow: UnitOfWork, name: str, values: Mapping[str, Any]) -> None:
    statement = insert(Category).values(tenant_id=uow.tenant_id, name=name, **values)
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[Category.tenant_id, Category.name], set_=dict(values))
    )


async def remove_category(uow: UnitOfWork, name: str) -> None:
    await uow.session.execute(delete(Category).where(Category.tenant_id == uow.tenant_id, Category.name == name))


async def suppressed(uow: UnitOfWork, emails: Sequence[str]) -> dict[str, str]:
    """Those of the addresses that are suppressed, with the reason."""
    statement = select(Suppression.email, Suppression.reason).where(
        Suppression.tenant_id == uow.tenant_id, Suppression.email.in_(emails)
    )
    return {row.email: row.reason for row in await uow.session.execute(statement)}


async def suppressions(uow: UnitOfWork, limit: int, after: str | None) -> Sequence[Suppression]:
    statement = select(Suppression).where(Suppression.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(Suppression.email > after)
    return (await uow.session.scalars(statement.order_by(Suppression.email).limit(limit))).all()


async def add_suppression(uow: UnitOfWork, email: str, reason: str, detail: str) -> bool:
    """Whether it is new."""
    statement = insert(Suppression).values(
        tenant_id=uow.tenant_id, email=email, reason=reason, detail=detail, created_at=uow.now
    )
    return (
        await uow.session.execute(statement.on_conflict_do_nothing().returning(Suppression.email))
    ).first() is not None


async def remove_suppression(uow: UnitOfWork, email: str) -> bool:
    """Whether there was one."""
    statement = delete(Suppression).where(Suppression.tenant_id == uow.tenant_id, Suppression.email == email)
    return (await uow.session.execute(statement.returning(Suppression.email))).first() is not None


async def take_throttle_slot(
    uow: UnitOfWork, delivery_id: UUID, recipient: str, category: str, channel: str, most: int, since: datetime
) -> bool:
    """Whether fewer than `most` were taken after `since`; one that has a slot keeps it. Exact under concurrency."""
    await uow.session.execute(_LOCK_SLOTS, {"name": f"throttle {uow.tenant_id} {recipient} {category} {channel}"})
    parameters = {"tenant": uow.tenant_id, "id": delivery_id, "recipient": recipient, "category": category}
    parameters |= {"channel": channel, "now": uow.now, "since": since, "most": most}
    return (await uow.session.execute(_TAKE_SLOT, parameters)).first() is not None


async def count_throttle_slots(uow: UnitOfWork, recipient: str, category: str, channel: str, since: datetime) -> int:
    statement = text(
        """SELECT count(*) FROM notifications.throttle_slots WHERE tenant_id = :tenant AND recipient = :recipient
           AND category = :category AND channel = :channel AND taken_at > :since"""
    )
    parameters = {"tenant": uow.tenant_id, "recipient": recipient, "category": category, "channel": channel}
    return int((await uow.session.execute(statement, parameters | {"since": since})).scalar_one())


async def forget_slots_before(uow: UnitOfWork, moment: datetime) -> None:
    statement = text("DELETE FROM notifications.throttle_slots WHERE tenant_id = :tenant AND taken_at < :moment")
    await uow.session.execute(statement, {"tenant": uow.tenant_id, "moment": moment})
