"""Push subscriptions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, text

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import PushSubscription

_SAVE = text(
    """INSERT INTO notifications.push_subscriptions AS s
         (tenant_id, id, user_id, kind, endpoint, p256dh, auth, created_at)
       VALUES (:tenant, :id, :user, :kind, :endpoint, :p256dh, :auth, :now)
       ON CONFLICT (tenant_id, md5(endpoint)) DO UPDATE
         SET user_id = EXCLUDED.user_id, p256dh = EXCLUDED.p256dh, auth = EXCLUDED.auth
       RETURNING id"""
)


async def save(
    uow: UnitOfWork, user_id: UUID, kind: str, endpoint: str, p256dh: str | None, auth: str | None
) -> PushSubscription:
    """One row for each endpoint; a browser that changed hands belongs to whoever subscribed last."""
    parameters = {"tenant": uow.tenant_id, "id": uow.new_id(), "user": user_id, "kind": kind, "endpoint": endpoint}
    saved = await uow.session.execute(_SAVE, parameters | {"p256dh": p256dh, "auth": auth, "now": uow.now})
    return await uow.session.get_one(PushSubscription, (uow.tenant_id, saved.scalar_one()), populate_existing=True)


async def subscriptions(uow: UnitOfWork, user_ids: Sequence[UUID]) -> Sequence[PushSubscription]:
    statement = select(PushSubscription).where(
        PushSubscription.tenant_id == uow.tenant_id, PushSubscription.user_id.in_(user_ids)
    )
    return (await uow.session.scalars(statement.order_by(PushSubscription.id))).all()


async def remove(uow: UnitOfWork, subscription_id: UUID, user_id: UUID | None = None) -> bool:
    """Whether there was one (of that user)."""
    statement = delete(PushSubscription).where(
        PushSubscription.tenant_id == uow.tenant_id, PushSubscription.id == subscription_id
    )
    if user_id is not None:
        statement = statement.where(PushSubscription.user_id == user_id)
    return (await uow.session.execute(statement.returning(PushSubscription.id))).first() is not None


async def remove_endpoint(uow: UnitOfWork, user_id: UUID, endpoint: str) -> bool:
    statement = delete(PushSubscription).where(
        PushSubscription.tenant_id == uow.tenant_id,
        PushSubscription.user_id == user_id,
        PushSubscription.endpoint == endpoint,
    )
    return (await uow.session.execute(statement.returning(PushSubscription.id))).first() is not None
