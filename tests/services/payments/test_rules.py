"""The rules that are data or arithmetic: the state machine, and the ledger's entries."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from septet.services.payments.ledger import LARGEST, CurrencyMismatch, Movement, entries
from septet.services.payments.models import Payment
from septet.services.payments.states import CANCELED, TRANSITIONS, IllegalTransition, Status, require_transition

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs" / "payments.md"
KINDS = st.sampled_from(["charge", "refund", "adjustment"])


@given(st.lists(st.tuples(st.sampled_from(list(Status)), st.sampled_from(["declined", CANCELED, ""])), max_size=12))
def test_only_the_tables_transitions_happen(wanted: list[tuple[Status, str]]) -> None:
    """Whatever is tried, in whatever order: what is let through is in the table, and nothing leaves an end."""
    current, detail = Status.PENDING, ""
    for following, next_detail in wanted:
        try:
            require_transition(current, following, detail)
        except IllegalTransition:
            continue
        assert (current, following) in TRANSITIONS
        assert detail != CANCELED
        assert current is not Status.REFUNDED
        current, detail = following, next_detail


def test_the_drawing_is_the_table() -> None:
    drawn = set(re.findall(r"^  (\w+|\[\*\]) --> (\w+):", PAGE.read_text(), re.MULTILINE))
    assert drawn == {(before or "[*]", after) for before, after in TRANSITIONS}


def payment(currency: str = "USD") -> Payment:
    return Payment(tenant_id=uuid4(), id=uuid4(), currency=currency)


@given(KINDS, st.integers(-LARGEST, LARGEST).filter(bool), st.integers(0, 10_000))
def test_every_movement_balances(kind: str, amount: int, fee: int) -> None:
    lines = entries(payment(), Movement(kind, "ch_1", amount, "usd", fee), uuid4(), NOON)
    assert sum(line["debit"] - line["credit"] for line in lines) == 0
    assert all(line["debit"] >= 0 and line["credit"] >= 0 for line in lines)
    clearing = sum(line["debit"] - line["credit"] for line in lines if line["account"] == "provider_clearing")
    assert clearing == (-amount if kind == "refund" else amount) - fee


@pytest.mark.parametrize("amount", [0, LARGEST + 1, -LARGEST - 1])
def test_what_cannot_be_booked_is_refused(amount: int) -> None:
    with pytest.raises(OverflowError):
        entries(payment(), Movement("charge", "ch_1", amount, "usd"), uuid4(), NOON)


def test_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        entries(payment("EUR"), Movement("charge", "ch_1", 100, "usd"), uuid4(), NOON)
