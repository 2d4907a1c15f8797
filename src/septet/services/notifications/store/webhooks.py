"""Webhook endpoints and their deliveries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import WebhookDelivery, WebhookEndpoint


async def add_endpoint(uow: UnitOfWork, endpoint: WebhookEndpoint) -> None:
    uow.session.add(endpoint)
    await uow.session.flush()


async def endpoints(uow: UnitOfWork, limit: int, after: UUID | None) -> Sequence[WebhookEndpoint]:
    statement = select(WebhookEndpoint).where(WebhookEndpoint.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(WebhookEndpoint.id > after)
    return (await uow.session.scalars(statement.order_by(WebhookEndpoint.id).limit(limit))).all()


async def enabled_endpoints(uow: UnitOfWork) -> Sequence[Row[UUID, list[str]]]:
    statement = select(WebhookEndpoint.id, WebhookEndpoint.events).where(
        WebhookEndpoint.tenant_id == uow.tenant_id, WebhookEndpoint.enabled
    )
    return (await uow.session.execute(statement)).all()


async def anybody_listens(uow: UnitOfWork) -> bool:
    """Whether making events for webhooks is worth while."""
    statement = select(WebhookEndpoint.id).where(WebhookEndpoint.tenant_id == uow.tenant_id, WebhookEndpoint.enabled)
    return (await uow.session.execute(statement.limit(1))).first() is not None


async def endpoint(uow: UnitOfWork, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint | None:
    statement = select(WebhookEndpoint).where(
        WebhookEndpoint.tenant_id == uow.tenant_id, WebhookEndpoint.id == endpoint_id
    )
    found: WebhookEndpoint | None = await uow.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def remove_endpoint(uow: UnitOfWork, endpoint_id: UUID) -> None:
    await uow.session.execute(
        delete(WebhookEndpoint).where(WebhookEndpoint.tenant_id == uow.tenant_id, WebhookEndpoint.id == endpoint_id)
    )
    statement = text("DELETE FROM notifications.outbox WHERE tenant_id = :tenant AND kind = 'hook' AND lane = :lane")
    await uow.session.execute(statement, {"tenant": uow.tenant_id, "lane": str(endpoint_id)})


async def add_deliveries(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> Sequence[Row[UUID, UUID]]:
    """Those (id, endpoint id) that are new; an event that an endpoint has already is left out."""
    statement = insert(WebhookDelivery).values(list(rows)).on_conflict_do_nothing()
    return (await uow.session.execute(statement.returning(WebhookDelivery.id, WebhookDelivery.endpoint_id))).all()


async def deliveries(
    uow: UnitOfWork, endpoint_id: UUID, limit: int, before: UUID | None, status: str | None
) -> Sequence[WebhookDelivery]:
    statement = select(WebhookDelivery).where(
        WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.endpoint_id == endpoint_id
    )
    if before is not None:
        statement = statement.where(WebhookDelivery.id < before)
    if status is not None:
        statement = statement.where(WebhookDelivery.status == status)
    return (await uow.session.scalars(statement.order_by(WebhookDelivery.id.desc()).limit(limit))).all()


async def delivery(uow: UnitOfWork, delivery_id: UUID) -> WebhookDelivery | None:
    statement = select(WebhookDelivery).where(
        WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.id == delivery_id
    )
    found: WebhookDelivery | None = await uow.session.scalar(statement.with_for_update())
    return found


async def deliveries_between(
    uow: UnitOfWork, endpoint_id: UUID, since: datetime, until: datetime, statuses: Sequence[str]
) -> Sequence[UUID]:
    statement = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.endpoint_id == endpoint_id)
        .where(WebhookDelivery.created_at >= since, WebhookDelivery.created_at < until)
        .where(WebhookDelivery.status.in_(statuses))
        .order_by(WebhookDelivery.id)
        .limit(10_000)
        .with_for_update()
    )
    return (await uow.session.scalars(statement)).all()


async def requeue(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Give these deliveries all their attempts again."""
    await uow.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.id.in_(ids))
        .values(status="queued", attempts=0, next_attempt_at=uow.now)
        .execution_options(synchronize_session=False)
    )


async def to_send(uow: UnitOfWork, ids: Sequence[UUID]) -> Sequence[Row[WebhookDelivery, WebhookEndpoint]]:
    statement = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(
            WebhookEndpoint,
            (WebhookEndpoint.tenant_id == WebhookDelivery.tenant_id)
            & (WebhookEndpoint.id == WebhookDelivery.endpoint_id),
        )
        .where(WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.id.in_(ids))
    )
    return (await uow.session.execute(statement)).all()


async def record_attempt(
    uow: UnitOfWork, delivery_id: UUID, status: str, entry: dict[str, Any], next_attempt_at: datetime | None
) -> None:
    await uow.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.id == delivery_id)
        .values(
            status=status,
            attempts=WebhookDelivery.attempts + 1,
            log=WebhookDelivery.log.concat([entry]),
            next_attempt_at=next_attempt_at,
        )
        .execution_options(synchronize_session=False)
    )


async def set_endpoint(uow: UnitOfWork, endpoint_id: UUID, **values: Any) -> None:
    await uow.session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.tenant_id == uow.tenant_id, WebhookEndpoint.id == endpoint_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def statuses_for(uow: UnitOfWork, delivery_id: UUID) -> Sequence[str]:
    """The states of all webhooks that carry one notification's delivery."""
    statement = select(WebhookDelivery.status).where(
        WebhookDelivery.tenant_id == uow.tenant_id, WebhookDelivery.delivery_id == delivery_id
    )
    return (await uow.session.scalars(statement)).all()


async def forget_before(uow: UnitOfWork, moment: datetime) -> None:
    await uow.session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.tenant_id == uow.tenant_id,
            WebhookDelivery.created_at < moment,
            WebhookDelivery.status != "queued",
        )
    )
