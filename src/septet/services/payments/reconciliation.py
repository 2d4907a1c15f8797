"""Comparing our ledger with the provider's balance transactions, as a pure function over both.

matched         both sides have the movement, with one amount, once
missing_here    the provider moved money that our ledger does not have
missing_there   our ledger has a movement that the provider does not
amount_differs  both have it, with different amounts
duplicate       one side has it more than once, or the provider charged one payment twice
late            both have it, but one side booked it much later, or on the other side of the range
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from septet.services.payments.schemas import Discrepancy, Kind, Totals

REPAIRABLE = frozenset({"missing_here", "amount_differs"})


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that moved by one side's account; a refund's amount is negative. `reference`: the charge or refund."""

    reference: str
    amount: int
    currency: str
    at: datetime
    payment_id: UUID | None
    is_charge: bool
    in_range: bool = True


@dataclass(slots=True)
class Comparison:
    """What the comparison found."""

    matched: int = 0
    discrepancies: list[Discrepancy] = field(default_factory=list)
    totals: list[Totals] = field(default_factory=list)

    def add(self, kind: Kind, moved: Moved, expected: int | None, found: int | None, explanation: str) -> None:
        self.discrepancies.append(
            Discrepancy(
                kind=kind,
                payment_id=moved.payment_id,
                provider_id=moved.reference,
                currency=moved.currency,
                expected=expected,
                found=found,
                explanation=explanation,
                repairable=kind in REPAIRABLE and moved.payment_id is not None,
            )
        )


def compare(here: Iterable[Moved], there: Iterable[Moved], late_after: timedelta) -> Comparison:
    """Each side holds its movements of the range, and those of the other side's references wherever they are."""
    ours, theirs = _by_reference(here), _by_reference(there)
    result = Comparison(totals=_totals(ours, theirs))
    for reference in sorted(ours.keys() | theirs.keys()):
        _judge(result, ours.get(reference, []), theirs.get(reference, []), late_after)
    _find_double_charges(result, theirs)
    return result


def _judge(result: Comparison, ours: list[Moved], theirs: list[Moved], late_after: timedelta) -> None:
    if not any(each.in_range for each in (*ours, *theirs)):
        return
    if not theirs:
        result.add("missing_there", ours[0], _sum(ours), None, "Our ledger has it, the provider does not.")
    elif not ours:
        result.add("missing_here", theirs[0], None, _sum(theirs), "The provider moved it, our ledger does not have it.")
    elif len(theirs) > 1:
        result.add("duplicate", ours[0], _sum(ours), _sum(theirs), f"The provider has it {len(theirs)} times.")
    elif _sum(ours) != _sum(theirs):
        result.add("amount_differs", ours[0], _sum(ours), _sum(theirs), "The amounts differ.")
    elif len(ours) > 1 and all(each.amount == theirs[0].amount for each in ours):
        result.add("duplicate", ours[0], _sum(ours), _sum(theirs), f"Our ledger has it {len(ours)} times.")
    elif abs(ours[0].at - theirs[0].at) > late_after:
        gap = abs(ours[0].at - theirs[0].at)
        result.add("late", ours[0], _sum(ours), _sum(theirs), f"It was booked {gap} apart.")
    else:
        result.matched += 1


def _find_double_charges(result: Comparison, theirs: dict[str, list[Moved]]) -> None:
    """A payment has one charge; a second one took the customer's money twice."""
    charges: dict[UUID, list[Moved]] = defaultdict(list)
    for moved in theirs.values():
        if moved[0].is_charge and moved[0].payment_id is not None:
            charges[moved[0].payment_id].append(moved[0])
    for several in charges.values():
        for extra in sorted(several, key=lambda each: each.at)[1:]:
            result.discrepancies = [each for each in result.discrepancies if each.provider_id != extra.reference]
            result.add("duplicate", extra, None, extra.amount, "The provider charged this payment more than once.")


def _by_reference(side: Iterable[Moved]) -> dict[str, list[Moved]]:
    grouped: dict[str, list[Moved]] = defaultdict(list)
    for moved in side:
        grouped[moved.reference].append(moved)
    return grouped


def _sum(moved: list[Moved]) -> int:
    return sum(each.amount for each in moved)


def _totals(ours: dict[str, list[Moved]], theirs: dict[str, list[Moved]]) -> list[Totals]:
    sums: dict[str, Counter[str]] = {"here": Counter(), "there": Counter()}
    for name, side in (("here", ours), ("there", theirs)):
        for moved in side.values():
            for each in moved:
                sums[name][each.currency] += each.amount if each.in_range else 0
    currencies = sorted(sums["here"].keys() | sums["there"].keys())
    return [Totals(currency=c, here=sums["here"][c], there=sums["there"][c]) for c in currencies]
