"""What a subscription costs, computed purely: the same functions make the preview and the invoice.

Upgrades (a greater plan, more seats, month to year) are at once: the unused part of the period is credited, the rest
charged, by the second. Downgrades wait for the period's end. Periods keep the day of the month on which the first one
began: 31 January, 28 February, 31 March. A negative total becomes credit, never a payout, and no credit exceeds what
was billed for the period. Amounts are minor units; halves round up.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from septet.services.tenancy.plans import MONTHS, PLANS, Plan, Term

SECOND = timedelta(seconds=1)
When = Literal["never", "now", "now_in_new_period", "at_period_end"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What an organization subscribes to."""

    plan: str
    term: Term
    seats: int

    @property
    def details(self) -> Plan:
        return PLANS[self.plan]

    @property
    def price(self) -> int:
        """Of one whole term."""
        return self.details.price[self.term] * self.seats


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until before `end`; `anchor` is where the first one began."""

    anchor: datetime
    start: datetime
    end: datetime

    def left(self, now: datetime) -> Fraction:
        """The share of the period that is not over, to the second."""
        whole, rest = (self.end - self.start) // SECOND, (self.end - now) // SECOND
        return Fraction(min(max(rest, 0), whole), whole)


@dataclass(frozen=True, slots=True)
class Terms:
    """`billed`: what was invoiced for the current period, credits taken off. `period` is None on the free plan."""

    choice: Choice
    period: Period | None = None
    trialing: bool = False
    billed: int = 0
    credit: int = 0
    pending: Choice | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice; a credit is negative."""

    description: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a change costs and what holds afterwards. `due` = `total` − `credit_used`, never negative."""

    lines: tuple[Line, ...]
    effective_at: datetime
    after: Terms
    credit_used: int = 0
    credit_given: int = 0

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def due(self) -> int:
        return self.total - self.credit_used + self.credit_given


def when(terms: Terms, wanted: Choice) -> When:
    """When a change takes effect."""
    current = terms.choice
    if terms.trialing or not current.details.paid:
        if wanted.details.paid:
            return "now_in_new_period"
        return "now" if terms.trialing else "never"
    if wanted.details.rank != current.details.rank:
        upgrade = wanted.details.rank > current.details.rank
        return ("now" if wanted.term == current.term else "now_in_new_period") if upgrade else "at_period_end"
    if wanted.term != current.term:
        return "now_in_new_period" if wanted.term == "year" else "at_period_end"
    if wanted.seats != current.seats:
        return "now" if wanted.seats > current.seats else "at_period_end"
    return "never"


def quote(terms: Terms, wanted: Choice, now: datetime) -> Quote:
    """The invoice of a change, and the terms after it. A change replaces what was pending."""
    now = now.replace(microsecond=0)
    moment = when(terms, wanted)
    if moment == "never":
        return Quote((), now, replace(terms, pending=None))
    if moment == "at_period_end":
        assert terms.period is not None
        return Quote((), terms.period.end, replace(terms, pending=wanted))
    if not wanted.details.paid:
        return Quote((), now, Terms(wanted, credit=terms.credit))
    if moment == "now_in_new_period" or terms.period is None:
        return _settled(terms, (*_unused(terms, now), _whole(wanted)), now, wanted, first_period(wanted.term, now))
    return _settled(terms, (*_unused(terms, now), _rest(wanted, terms.period, now)), now, wanted, terms.period)


def renewal(terms: Terms, used_seats: int) -> Quote:
    """The invoice of the next period, with what was pending, and the terms in it; seats in use stay paid for."""
    assert terms.period is not None
    end = terms.period.end
    choice = Choice("FREE", "month", 1) if terms.trialing else terms.pending or terms.choice
    if not choice.details.paid:
        return Quote((), end, Terms(choice, credit=terms.credit))
    choice = replace(choice, seats=max(choice.seats, used_seats))
    period = Period(terms.period.anchor, end, next_boundary(terms.period.anchor, end, MONTHS[choice.term]))
    return _settled(replace(terms, billed=0), (_whole(choice),), end, choice, period)


def trial(plan: str, seats: int, now: datetime, days: int) -> Terms:
    """A paid plan for nothing, for some days; then the free plan again."""
    now = now.replace(microsecond=0)
    period = Period(now, now, now + timedelta(days=days))
    return Terms(Choice(plan, "month", seats), period, trialing=True)


def first_period(term: Term, now: datetime) -> Period:
    return Period(now, now, next_boundary(now, now, MONTHS[term]))


def next_boundary(anchor: datetime, start: datetime, months: int) -> datetime:
    """`months` after `start`, on the anchor's day of the month, or that month's last day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    day = min(anchor.day, calendar.monthrange(year, month)[1])
    return anchor.replace(year=year, month=month, day=day)


def _unused(terms: Terms, now: datetime) -> tuple[Line, ...]:
    if terms.period is None or terms.billed == 0:
        return ()
    amount = min(rounded(terms.choice.price * terms.period.left(now)), terms.billed)
    return (Line(f"Unused time of {_name(terms.choice)}", terms.choice.seats, -amount),)


def _rest(choice: Choice, period: Period, now: datetime) -> Line:
    amount = rounded(choice.price * period.left(now))
    return Line(f"Remaining time of {_name(choice)}", choice.seats, amount)


def _whole(choice: Choice) -> Line:
    return Line(_name(choice), choice.seats, choice.price)


def _name(choice: Choice) -> str:
    seats = "1 seat" if choice.seats == 1 else f"{choice.seats} seats"
    return f"{choice.plan}, {seats}, per {choice.term}"


def _settled(terms: Terms, lines: tuple[Line, ...], at: datetime, choice: Choice, period: Period) -> Quote:
    """Set the total off against the credit."""
    total = sum(line.amount for line in lines)
    used, given = max(0, min(terms.credit, total)), max(0, -total)
    billed = total + (terms.billed if period == terms.period else _credited(lines))
    after = Terms(choice, period, billed=billed, credit=terms.credit - used + given)
    return Quote(lines, at, after, used, given)


def _credited(lines: tuple[Line, ...]) -> int:
    """What the lines took off for an earlier period."""
    return -sum(line.amount for line in lines if line.amount < 0)


def rounded(amount: Fraction) -> int:
    """To the nearest minor unit, halves up."""
    return int((amount + Fraction(1, 2)) // 1)
