"""Every query of payments on a tenant's rows; each names the tenant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, RowMapping, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.payments.models import (
    Charge,
    Customer,
    LedgerEntry,
    Merchant,
    Operation,
    Payment,
    RecoveryPoint,
    Refund,
    SavedMethod,
    Transition,
)


async def add(uow: UnitOfWork, *rows: Any) -> None:
    uow.session.add_all(rows)
    await uow.session.flush()


async def payment(uow: UnitOfWork, payment_id: UUID, *, lock: bool = False) -> Payment | None:
    """The payment; `lock` holds it until the transaction ends, and reads it anew."""
    statement = select(Payment).where(Payment.tenant_id == uow.tenant_id, Payment.id == payment_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Payment | None = await uow.session.scalar(statement)
    return found


async def payments(
    uow: UnitOfWork, status: str | None, order_id: str | None, limit: int, before: UUID | None
) -> Sequence[Payment]:
    """Newest first."""
    statement = select(Payment).where(Payment.tenant_id == uow.tenant_id)
    if status is not None:
        statement = statement.where(Payment.status == status)
    if order_id is not None:
        statement = statement.where(Payment.order_id == order_id)
    if before is not None:
        statement = statement.where(Payment.id < before)
    return (await uow.session.scalars(statement.order_by(Payment.id.desc()).limit(limit))).all()


async def totals(uow: UnitOfWork, since: datetime, until: datetime) -> Sequence[RowMapping]:
    """(currency, status, count, amount, captured_amount, refunded_amount) of the payments made in this range."""
    sums = (Payment.amount, Payment.captured_amount, Payment.refunded_amount)
    statement = (
        select(
            Payment.currency,
            Payment.status,
            func.count().label("count"),
            *(cast(func.sum(column), BigInteger).label(column.key) for column in sums),
        )
        .where(Payment.tenant_id == uow.tenant_id, Payment.created_at >= since, Payment.created_at < until)
        .group_by(Payment.currency, Payment.status)
    )
    return (await uow.execute(statement.order_by(Payment.currency, Payment.status))).mappings().all()


async def transitions(uow: UnitOfWork, payment_id: UUID) -> Sequence[Transition]:
    statement = select(Transition).where(Transition.tenant_id == uow.tenant_id, Transition.payment_id == payment_id)
    return (await uow.session.scalars(statement.order_by(Transition.number))).all()


async def count_transitions(uow: UnitOfWork, payment_id: UUID) -> int:
    condition = (Transition.tenant_id == uow.tenant_id) & (Transition.payment_id == payment_id)
    return await uow.session.scalar(select(func.count()).select_from(Transition).where(condition)) or 0


async def refunds(uow: UnitOfWork, payment_id: UUID) -> Sequence[Refund]:
    statement = select(Refund).where(Refund.tenant_id == uow.tenant_id, Refund.payment_id == payment_id)
    return (await uow.session.scalars(statement.order_by(Refund.id))).all()


async def refund(uow: UnitOfWork, refund_id: UUID) -> Refund | None:
    statement = select(Refund).where(Refund.tenant_id == uow.tenant_id, Refund.id == refund_id)
    found: Refund | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def refund_of_key(uow: UnitOfWork, payment_id: UUID, key: str, since: datetime) -> Refund | None:
    """The payment's refund that was asked for under this idempotency key."""
    statement = select(Refund).where(
        Refund.tenant_id == uow.tenant_id,
        Refund.payment_id == payment_id,
        Refund.idempotency_key == key,
        Refund.created_at > since,
    )
    found: Refund | None = await uow.session.scalar(statement)
    return found


async def refunding(uow: UnitOfWork, payment_id: UUID) -> int:
    """What refunds took or are about to take of the payment, in the smallest unit."""
    condition = (Refund.tenant_id == uow.tenant_id) & (Refund.payment_id == payment_id) & (Refund.status != "failed")
    return int(await uow.session.scalar(select(func.coalesce(func.sum(Refund.amount), 0)).where(condition)) or 0)


async def open_operation(uow: UnitOfWork, payment_id: UUID) -> Operation | None:
    """The confirm, capture or cancel whose outcome is not known yet; there is at most one."""
    statement = select(Operation).where(
        Operation.tenant_id == uow.tenant_id,
        Operation.payment_id == payment_id,
        Operation.finished_at.is_(None),
        Operation.kind != "refund",
    )
    found: Operation | None = await uow.session.scalar(statement)
    return found


async def operation(uow: UnitOfWork, payment_id: UUID, operation_id: UUID) -> Operation | None:
    statement = select(Operation).where(
        Operation.tenant_id == uow.tenant_id, Operation.payment_id == payment_id, Operation.id == operation_id
    )
    found: Operation | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def finish(uow: UnitOfWork, operation: Operation, at: datetime) -> None:
    """Its outcome is recorded: nobody needs to recover it."""
    operation.finished_at = at
    await uow.execute(delete(RecoveryPoint).where(RecoveryPoint.operation_id == operation.id))


async def abandoned(uow: UnitOfWork, before: datetime, limit: int) -> Sequence[RecoveryPoint]:
    """Operations of all tenants that began before this time and have no outcome."""
    statement = select(RecoveryPoint).where(RecoveryPoint.started_at <= before)
    return (await uow.session.scalars(statement.order_by(RecoveryPoint.started_at).limit(limit))).all()


async def add_to_ledger(uow: UnitOfWork, lines: Sequence[dict[str, Any]]) -> None:
    """Write a transaction's lines with one statement, after which the database checks that it balances."""
    await uow.execute(insert(LedgerEntry).values(list(lines)))


async def ledger(uow: UnitOfWork, payment_id: UUID) -> Sequence[LedgerEntry]:
    statement = select(LedgerEntry).where(LedgerEntry.tenant_id == uow.tenant_id, LedgerEntry.payment_id == payment_id)
    return (await uow.session.scalars(statement.order_by(LedgerEntry.transaction_id, LedgerEntry.line))).all()


async def balances(uow: UnitOfWork) -> Sequence[Row[Any]]:
    """(account, currency, debit, credit) over the whole ledger."""
    statement = select(
        LedgerEntry.account,
        LedgerEntry.currency,
        func.sum(LedgerEntry.debit).label("debit"),
        func.sum(LedgerEntry.credit).label("credit"),
    )
    grouped = statement.where(LedgerEntry.tenant_id == uow.tenant_id).group_by(
        LedgerEntry.account, LedgerEntry.currency
    )
    return (await uow.execute(grouped.order_by(LedgerEntry.currency, LedgerEntry.account))).all()


async def movements(
    uow: UnitOfWork, since: datetime | None, until: datetime | None, references: Sequence[str] = ()
) -> Sequence[Row[Any]]:
    """(reference, payment_id, currency, transaction_id, kind, amount, at) of what was booked at the provider.

    Within the range, or with these references. Fees are left out; refunds are negative.
    """
    statement = select(
        LedgerEntry.reference,
        LedgerEntry.payment_id,
        LedgerEntry.currency,
        LedgerEntry.transaction_id,
        LedgerEntry.kind,
        (LedgerEntry.debit - LedgerEntry.credit).label("amount"),
        LedgerEntry.at,
    ).where(
        LedgerEntry.tenant_id == uow.tenant_id,
        LedgerEntry.account == "provider_clearing",
        LedgerEntry.kind != "fee",
    )
    if references:
        statement = statement.where(LedgerEntry.reference.in_(references))
    if since is not None and until is not None:
        statement = statement.where(LedgerEntry.at >= since, LedgerEntry.at < until)
    return (await uow.execute(statement.order_by(LedgerEntry.transaction_id))).all()


async def payments_of_provider(uow: UnitOfWork, provider_ids: Sequence[str]) -> dict[str, UUID]:
    """Payment ids by the intent's id at the provider."""
    statement = select(Payment.provider_id, Payment.id).where(
        Payment.tenant_id == uow.tenant_id, Payment.provider_id.in_(provider_ids)
    )
    return {str(row.provider_id): row.id for row in await uow.execute(statement)}


async def note_merchant(uow: UnitOfWork) -> None:
    await uow.execute(insert(Merchant).values(id=uow.tenant_id, since=uow.now).on_conflict_do_nothing())


async def forget_merchant(uow: UnitOfWork) -> None:
    await uow.execute(delete(RecoveryPoint).where(RecoveryPoint.merchant_id == uow.tenant_id))
    await uow.execute(delete(Merchant).where(Merchant.id == uow.tenant_id))


async def forget_payer(uow: UnitOfWork, payer_id: UUID) -> None:
    """The tenant's payments stay in its books, but say no longer whose method was charged."""
    theirs = update(Payment).where(Payment.tenant_id == uow.tenant_id, Payment.payer_id == payer_id)
    await uow.execute(theirs.values(payer_id=None, customer_id=None))


async def merchants(uow: UnitOfWork) -> Sequence[UUID]:
    return (await uow.session.scalars(select(Merchant.id).order_by(Merchant.id))).all()


async def customer_id(uow: UnitOfWork) -> str | None:
    """The organization as the provider's customer."""
    found: str | None = await uow.session.scalar(
        select(Customer.provider_id).where(Customer.tenant_id == uow.tenant_id)
    )
    return found


async def note_customer(uow: UnitOfWork, customer_id: str) -> None:
    """In place of one that the provider has forgotten."""
    statement = insert(Customer).values(tenant_id=uow.tenant_id, provider_id=customer_id)
    await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_={"provider_id": customer_id}))


async def saved_method(uow: UnitOfWork) -> SavedMethod | None:
    """The organization's."""
    statement = select(SavedMethod).where(SavedMethod.tenant_id == uow.tenant_id)
    found: SavedMethod | None = await uow.session.scalar(statement)
    return found


async def forget_method(uow: UnitOfWork) -> str | None:
    """The provider's id of what was saved; None when nothing was."""
    statement = delete(SavedMethod).where(SavedMethod.tenant_id == uow.tenant_id).returning(SavedMethod.method_id)
    return (await uow.execute(statement)).scalar()


async def claim_charge(uow: UnitOfWork, reference: str, merchant_id: UUID) -> Charge:
    """The charge of this reference, locked; made when there is none."""
    made = insert(Charge).values(
        tenant_id=uow.tenant_id,
        reference=reference,
        merchant_id=merchant_id,
        payment_id=uow.new_id(),
        created_at=uow.now,
    )
    await uow.execute(made.on_conflict_do_nothing())
    statement = select(Charge).where(Charge.tenant_id == uow.tenant_id, Charge.reference == reference)
    claimed: Charge = (await uow.session.scalars(statement.with_for_update())).one()
    return claimed
