"""Subscriptions and invoices."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Invoice, Subscription


async def subscription(uow: UnitOfWork) -> Subscription | None:
    return await uow.session.get(Subscription, uow.tenant_id)


async def add(uow: UnitOfWork, row: Subscription | Invoice) -> None:
    uow.session.add(row)
    await uow.session.flush()


async def invoice(uow: UnitOfWork, invoice_id: UUID) -> Invoice | None:
    statement = select(Invoice).where(Invoice.tenant_id == uow.tenant_id, Invoice.id == invoice_id)
    found: Invoice | None = await uow.session.scalar(statement)
    return found


async def invoices(uow: UnitOfWork, limit: int, after: tuple[Any, ...] | None) -> Sequence[Invoice]:
    """Newest first."""
    statement = select(Invoice).where(Invoice.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(Invoice.number < after[0])
    return (await uow.session.scalars(statement.order_by(Invoice.number.desc()).limit(limit))).all()


async def open_invoices(uow: UnitOfWork) -> Sequence[Invoice]:
    """Those that wait for payment, oldest first."""
    statement = select(Invoice).where(Invoice.tenant_id == uow.tenant_id, Invoice.status == "open")
    return (await uow.session.scalars(statement.order_by(Invoice.number))).all()
