"""Double entry: what each movement of money books. Debits equal credits in every transaction; amounts are integers.

customer            what customers owe for orders; nil once a payment is settled
provider_clearing   what the provider holds for us
merchant            revenue
fees                what the provider keeps
refunds             revenue given back
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from septet.services.payments.models import Payment

LARGEST = 2**63 - 1


class CurrencyMismatch(Exception):
    """Money of one currency cannot be booked on a payment in another."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved at the provider, in the smallest unit; `reference`: the provider's id of it."""

    kind: str
    reference: str
    amount: int
    currency: str
    fee: int = 0


def entries(payment: Payment, movement: Movement, transaction_id: UUID, at: datetime) -> list[dict[str, Any]]:
    """The lines of one balanced transaction. Raises CurrencyMismatch, OverflowError."""
    if movement.currency.upper() != payment.currency:
        raise CurrencyMismatch(f"{movement.reference} is in {movement.currency}, the payment in {payment.currency}")
    if not 0 < abs(movement.amount) <= LARGEST or not 0 <= movement.fee <= LARGEST:
        raise OverflowError(f"{movement.reference}: {movement.amount} is no amount that can be booked")
    lines = [
        {
            "tenant_id": payment.tenant_id,
            "transaction_id": transaction_id,
            "line": number,
            "payment_id": payment.id,
            "kind": kind,
            "reference": movement.reference,
            "account": account,
            "currency": payment.currency,
            "debit": max(amount, 0),
            "credit": max(-amount, 0),
            "at": at,
        }
        for number, (kind, account, amount) in enumerate(_lines(movement), 1)
    ]
    assert sum(line["debit"] - line["credit"] for line in lines) == 0
    return lines


def _lines(movement: Movement) -> list[tuple[str, str, int]]:
    """(kind, account, amount): debits are positive, credits negative."""
    kind, amount = movement.kind, movement.amount
    revenue = "refunds" if kind == "refund" else "merchant"
    signed = -amount if kind == "refund" else amount
    lines = [
        (kind, "customer", signed),
        (kind, revenue, -signed),
        (kind, "provider_clearing", signed),
        (kind, "customer", -signed),
    ]
    if movement.fee:
        lines += [("fee", "fees", movement.fee), ("fee", "provider_clearing", -movement.fee)]
    return lines
