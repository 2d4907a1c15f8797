"""Reconciliation of a tenant's ledger with the provider, and the repair of what a program may repair."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import stripe

from septet.kernel.errors import FieldError, InvalidInput
from septet.kernel.uow import UnitOfWork
from septet.services.payments import permissions, store
from septet.services.payments.actions.payments import found
from septet.services.payments.actions.settlement import book
from septet.services.payments.actions.synchronization import synchronize
from septet.services.payments.actions.webhooks import owner_in
from septet.services.payments.errors import ProviderUnavailable, RepairRefused
from septet.services.payments.events import ReconciliationFoundDiscrepancies
from septet.services.payments.ledger import Movement
from septet.services.payments.models import Payment
from septet.services.payments.processor import OutcomeUnknown, metadata_of, processor_of
from septet.services.payments.reconciliation import REPAIRABLE, Moved, compare
from septet.services.payments.schemas import ReconciliationReport, RepairRequest
from septet.services.payments.settings import PaymentsSettings
from septet.services.payments.states import Cause

WIDEST = timedelta(days=366)
MARGIN = timedelta(days=3)
BOTH_SIDES = ("charge", "payment", "refund", "payment_refund")


async def reconcile(uow: UnitOfWork, since: datetime, until: datetime) -> ReconciliationReport:
    """Compare the range. Raises InvalidInput, ProviderUnavailable."""
    uow.actor.require(permissions.RECONCILE_PAYMENTS)
    if not since < until or until - since > WIDEST:
        errors = [FieldError("to", "must be after `from`, by at most 366 days")]
        raise InvalidInput("The range must be at least a moment and at most 366 days long.", errors=errors)
    there = await _there(uow, since, until)
    here = await _here(uow, since, until, [each.reference for each in there])
    late_after = timedelta(seconds=uow.settings(PaymentsSettings).late_after_seconds)
    comparison = compare(here, there, late_after)
    return ReconciliationReport(
        from_=since,
        to=until,
        matched=comparison.matched,
        discrepancies=comparison.discrepancies,
        totals=comparison.totals,
    )


async def _there(uow: UnitOfWork, since: datetime, until: datetime) -> list[Moved]:
    """The provider's side, with a margin around the range, so that what was booked late here is found."""
    try:
        transactions = await processor_of(uow.runtime).balance_transactions(since - MARGIN, until + MARGIN)
    except OutcomeUnknown as error:
        raise ProviderUnavailable("Ask for the report again in a moment.", headers={"Retry-After": "5"}) from error
    relevant = [each for each in transactions if each.type in BOTH_SIDES and not isinstance(each.source, str)]
    intents = [str(intent) for each in relevant if (intent := _intent_of(each)) is not None]
    known = await store.payments_of_provider(uow, intents) if intents else {}
    sides = [_moved(uow, each, known, since, until) for each in relevant]
    return [each for each in sides if each is not None]


def _moved(
    uow: UnitOfWork, transaction: stripe.BalanceTransaction, known: dict[str, UUID], since: datetime, until: datetime
) -> Moved | None:
    """None for what is another tenant's. What is nobody's is everybody's to see: it is in no ledger at all."""
    source: Any = transaction.source
    payment_id = known.get(str(_intent_of(transaction)))
    owner = owner_in(metadata_of(source))
    if payment_id is None and owner is not None:
        if owner[0] != uow.tenant_id:
            return None
        payment_id = owner[1]
    at = datetime.fromtimestamp(transaction.created, uow.now.tzinfo)
    return Moved(
        source.id,
        transaction.amount,
        transaction.currency.upper(),
        at,
        payment_id,
        source.object == "charge",
        since <= at < until,
    )


def _intent_of(transaction: stripe.BalanceTransaction) -> str | None:
    source: Any = transaction.source
    return getattr(source, "payment_intent", None)


async def _here(uow: UnitOfWork, since: datetime, until: datetime, references: Sequence[str]) -> list[Moved]:
    """Our side: the range, and wherever it is what the provider has in its own."""
    rows = [*await store.movements(uow, since, until)]
    seen = {(row.transaction_id, row.reference) for row in rows}
    if references:
        elsewhere = await store.movements(uow, None, None, references)
        rows += [row for row in elsewhere if (row.transaction_id, row.reference) not in seen]
    return [
        Moved(
            row.reference,
            int(row.amount),
            row.currency,
            row.at,
            row.payment_id,
            row.kind == "charge",
            since <= row.at < until,
        )
        for row in rows
    ]


async def reconcile_day(uow: UnitOfWork, day: datetime) -> None:
    """Compare one UTC day, and say so when something differs."""
    report = await reconcile(uow, day, day + timedelta(days=1))
    if report.discrepancies:
        uow.emit(ReconciliationFoundDiscrepancies(uow.tenant_id, day.date().isoformat(), len(report.discrepancies)))


async def repair(uow: UnitOfWork, wanted: RepairRequest) -> Payment:
    """Mend a discrepancy whose truth is certain: the provider's side is what really moved.

    Raises RepairRefused, PaymentNotFound, ProviderUnavailable.
    """
    uow.actor.require(permissions.REPAIR_PAYMENTS)
    if wanted.kind not in REPAIRABLE:
        raise RepairRefused(f"`{wanted.kind}` needs a person's judgement; nothing was changed.")
    try:
        payment = await _payment_of(uow, wanted)
        if wanted.kind == "missing_here":
            return await synchronize(uow, payment.id, Cause.RECONCILIATION)
        return await _adjust(uow, payment)
    except OutcomeUnknown as error:
        raise ProviderUnavailable(
            "Nothing was changed; ask again in a moment.", headers={"Retry-After": "5"}
        ) from error


async def _payment_of(uow: UnitOfWork, wanted: RepairRequest) -> Payment:
    if wanted.payment_id is None:
        raise RepairRefused("No payment of the organization belongs to it: it was made at the provider directly.")
    return found(await store.payment(uow, wanted.payment_id))


async def _adjust(uow: UnitOfWork, payment: Payment) -> Payment:
    """Book the difference between what the provider moved for the charge and what our ledger says of it."""
    if payment.provider_id is None:
        raise RepairRefused("The payment never reached the provider.")
    intent = await processor_of(uow.runtime).retrieve(payment.provider_id)
    charge: Any = intent.latest_charge
    payment = found(await store.payment(uow, payment.id, lock=True))
    booked = sum(int(row.amount) for row in await store.movements(uow, None, None, [charge.id]))
    difference = charge.balance_transaction.amount - booked
    if difference:
        await book(uow, payment, Movement("adjustment", charge.id, difference, intent.currency))
        payment.captured_amount = intent.amount_received
    return payment
