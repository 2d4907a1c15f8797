"""What subscriptions cost, to the cent, against an oracle that knows nothing of `terms`.

The oracle counts in integers: seconds since 1970, a table of month lengths, and amounts in halves of cents. It replays
two years of changes and renewals and says what must have been billed.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from septet.services.tenancy.plans import PLANS
from septet.services.tenancy.terms import (
    Choice,
    Period,
    Terms,
    first_period,
    next_boundary,
    quote,
    renewal,
    trial,
    when,
)

FREE = Terms(Choice("FREE", "month", 1))
PRICES = {("PRO", "month"): 1200, ("PRO", "year"): 12000, ("BUSINESS", "month"): 2400, ("BUSINESS", "year"): 24000}
RANKS = {"FREE": 0, "PRO": 1, "BUSINESS": 2}
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def test_the_oracle_knows_the_same_prices() -> None:
    assert {(p.key, term): p.price[term] for p in PLANS.values() if p.paid for term in ("month", "year")} == PRICES


@dataclass
class Oracle:
    """Plan, term, seats, the period (in seconds), what was billed for it, credit, and what is pending."""

    plan: str = "FREE"
    term: str = "month"
    seats: int = 1
    anchor_day: int = 1
    start: int = 0
    end: int = 0
    billed: int = 0
    credit: int = 0
    pending: tuple[str, str, int] | None = None
    invoiced: int = 0
    paid: int = 0

    def price(self) -> int:
        return PRICES[self.plan, self.term] * self.seats

    def charge(self, amount: int) -> None:
        """An invoice over `amount`: credit first, a negative rest becomes credit."""
        self.invoiced += amount
        self.credit -= amount
        if self.credit < 0:
            self.paid += -self.credit
            self.credit = 0

    def share(self, amount: int, now: int) -> int:
        """Of the amount, what falls on the rest of the period, halves up."""
        return (2 * amount * (self.end - now) + (self.end - self.start)) // (2 * (self.end - self.start))

    def change(self, plan: str, term: str, seats: int, now: int) -> None:
        self.pending = None
        if self.plan == "FREE":
            if plan != "FREE":
                self.plan, self.term, self.seats = plan, term, seats
                self.begin(now, 0)
            return
        greater, lesser = RANKS[plan] > RANKS[self.plan], RANKS[plan] < RANKS[self.plan]
        to_year, to_month = (self.term, term) == ("month", "year"), (self.term, term) == ("year", "month")
        if lesser or (not greater and to_month) or (not greater and not to_year and seats < self.seats):
            self.pending = (plan, term, seats)
        elif greater or to_year or seats > self.seats:
            back = min(self.share(self.price(), now), self.billed)
            same_period = term == self.term
            self.plan, self.term, self.seats = plan, term, seats
            if same_period:
                extra = self.share(self.price(), now) - back
                self.billed += extra
                self.charge(extra)
            else:
                self.begin(now, back)

    def begin(self, now: int, back: int) -> None:
        self.start, self.anchor_day = now, datetime.fromtimestamp(now, UTC).day
        self.end = self.boundary()
        self.billed = self.price()
        self.charge(self.price() - back)

    def renew(self) -> None:
        self.plan, self.term, self.seats = self.pending or (self.plan, self.term, self.seats)
        self.pending = None
        if self.plan == "FREE":
            return
        self.start = self.end
        self.end = self.boundary()
        self.billed = self.price()
        self.charge(self.price())

    def boundary(self) -> int:
        begins = datetime.fromtimestamp(self.start, UTC)
        year, month = begins.year, begins.month
        for _ in range(12 if self.term == "year" else 1):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        day = min(self.anchor_day, LENGTHS[month - 1] + leap)
        return int(begins.replace(year=year, month=month, day=day).timestamp())


change = st.tuples(
    st.integers(0, 200 * 86_400),
    st.sampled_from(["FREE", "PRO", "PRO", "BUSINESS"]),
    st.sampled_from(["month", "month", "year"]),
    st.integers(1, 40),
)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.lists(change, min_size=1, max_size=25),
)
@settings(max_examples=300, deadline=None)
def test_two_years_of_changes_sum_to_what_the_oracle_says(
    begins: datetime, changes: list[tuple[int, str, str, int]]
) -> None:
    now = begins.replace(microsecond=0, tzinfo=UTC)
    ends = now + timedelta(days=730)
    terms, oracle, invoiced, paid = FREE, Oracle(), 0, 0
    for wait, plan, term, seats in [*changes, (730 * 86_400, "FREE", "month", 1)]:
        now = min(now + timedelta(seconds=wait), ends)
        while terms.period is not None and terms.period.end <= now:
            quoted = renewal(terms, used_seats=1)
            invoiced, paid, terms = invoiced + quoted.total, paid + quoted.due, quoted.after
            oracle.renew()
        if now >= ends:
            break
        choice = Choice(plan, term, seats if plan != "FREE" else 1)  # type: ignore[arg-type]
        quoted = quote(terms, choice, now)
        assert quoted.due >= 0
        assert quoted.after.credit >= 0
        invoiced, paid, terms = invoiced + quoted.total, paid + quoted.due, quoted.after
        oracle.change(choice.plan, choice.term, choice.seats, int(now.timestamp()))
    assert (invoiced, paid, terms.credit) == (oracle.invoiced, oracle.paid, oracle.credit)
    assert invoiced == paid - terms.credit, "what was billed is what was paid and not given back"


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)), st.integers(0, 366 * 86_400))  # noqa: DTZ001
@settings(max_examples=200, deadline=None)
def test_no_credit_exceeds_what_was_billed_for_the_period(begins: datetime, later: int) -> None:
    start = begins.replace(microsecond=0, tzinfo=UTC)
    bought = quote(FREE, Choice("PRO", "year", 3), start).after
    assert bought.period is not None
    upgraded = quote(bought, Choice("BUSINESS", "year", 3), min(start + timedelta(seconds=later), bought.period.end))
    credited = -sum(line.amount for line in upgraded.lines if line.amount < 0)
    assert 0 <= credited <= bought.billed
    unbilled = quote(replace(bought, billed=0), Choice("BUSINESS", "year", 3), start + timedelta(days=1))
    assert not [line for line in unbilled.lines if line.amount < 0]


def test_month_ends_keep_their_day() -> None:
    anchor = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
    days, start = [], anchor
    for _ in range(14):
        start = next_boundary(anchor, start, 1)
        days.append((start.month, start.day))
    assert days[:6] == [(2, 28), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31)]
    assert days[12:] == [(2, 28), (3, 31)]
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert [next_boundary(leap, leap.replace(year=2028 + n, day=29 if n == 0 else 28), 12).day for n in range(4)] == [
        28,
        28,
        28,
        29,
    ]


NOW = datetime(2026, 3, 10, tzinfo=UTC)
PAID = Terms(Choice("PRO", "month", 5), first_period("month", NOW), billed=6000)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Choice("PRO", "month", 5), "never"),
        (Choice("PRO", "month", 6), "now"),
        (Choice("PRO", "month", 4), "at_period_end"),
        (Choice("PRO", "year", 5), "now_in_new_period"),
        (Choice("BUSINESS", "month", 1), "now"),
        (Choice("BUSINESS", "year", 5), "now_in_new_period"),
        (Choice("FREE", "month", 1), "at_period_end"),
    ],
)
def test_upgrades_are_at_once_and_downgrades_wait(wanted: Choice, expected: str) -> None:
    assert when(PAID, wanted) == expected


def test_half_a_month_more_seats_costs_half() -> None:
    period = Period(NOW, NOW, NOW + timedelta(days=30))
    terms = replace(PAID, period=period)
    quoted = quote(terms, Choice("PRO", "month", 7), NOW + timedelta(days=15))
    assert [line.amount for line in quoted.lines] == [-3000, 4200]
    assert (quoted.total, quoted.after.billed, quoted.after.period) == (1200, 7200, period)


def test_negative_total_becomes_credit_and_pays_the_next_invoice() -> None:
    yearly = Terms(Choice("PRO", "year", 10), first_period("year", NOW), billed=120_000)
    smaller = quote(yearly, Choice("BUSINESS", "month", 1), NOW + timedelta(days=1))
    assert smaller.total < 0
    assert smaller.due == 0
    assert smaller.after.credit == -smaller.total
    following = renewal(smaller.after, used_seats=1)
    assert (following.total, following.due, following.credit_used) == (2400, 0, 2400)


def test_trial_ends_on_the_free_plan_and_costs_nothing() -> None:
    trying = trial("PRO", 3, NOW, 14)
    ended = renewal(trying, used_seats=3)
    assert (ended.total, ended.after.choice.plan, ended.after.period) == (0, "FREE", None)
    bought = quote(trying, Choice("PRO", "month", 3), NOW + timedelta(days=3))
    assert [line.amount for line in bought.lines] == [3600]
    assert not bought.after.trialing
