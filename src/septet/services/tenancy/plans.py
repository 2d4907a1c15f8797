"""The plans, as data: prices per seat in minor units, seat limits, and what each plan's features and quotas are.

Whatever a service guards by plan is a key here: a boolean is a feature, a number is a quota.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Term = Literal["month", "year"]
FeatureValue = bool | int

CURRENCY = "EUR"
MONTHS: dict[Term, int] = {"month": 1, "year": 12}

DESCRIPTIONS: dict[str, str] = {
    "members.domainJoin": "People of a verified mail domain become members by themselves.",
    "projects": "How many projects there may be.",
    "links": "How many short links there may be.",
    "logs.retentionDays": "For how many days logs can be kept at most.",
    "chat.historyDays": "For how many days chat messages are shown; what is older is kept and withheld.",
    "limits.requestsPerMinute": "How many requests a minute the organization may make.",
    "usage.messagesPerDay": "How many chat messages a day may be sent.",
    "usage.notificationsPerDay": "How many notifications a day may be sent.",
    "usage.logBytesPerDay": "How many bytes of log lines a day may arrive.",
    "usage.checksPerDay": "How many checks of limits a day may be made; more is never refused.",
    "usage.hard": "Whether what is beyond a day's quota is refused; otherwise the owners are warned.",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`price`: per seat and term, in minor units. `rank` orders plans from the least to the greatest."""

    key: str
    rank: int
    price: MappingProxyType[Term, int]
    seat_limit: int
    features: MappingProxyType[str, FeatureValue]

    @property
    def paid(self) -> bool:
        return self.rank > 0


def _plan(key: str, rank: int, month: int, year: int, seat_limit: int, **features: FeatureValue) -> Plan:
    named = {name.replace("__", "."): value for name, value in features.items()}
    assert named.keys() == DESCRIPTIONS.keys(), f"{key} must say something about each feature"
    return Plan(key, rank, MappingProxyType({"month": month, "year": year}), seat_limit, MappingProxyType(named))


PLANS: dict[str, Plan] = {
    plan.key: plan
    for plan in (
        _plan(
            "FREE",
            0,
            month=0,
            year=0,
            seat_limit=50,
            members__domainJoin=False,
            projects=200,
            links=10_000,
            logs__retentionDays=365,
            chat__historyDays=90,
            limits__requestsPerMinute=60_000,
            usage__messagesPerDay=1_000_000,
            usage__notificationsPerDay=1_000_000,
            usage__logBytesPerDay=20_000_000_000,
            usage__checksPerDay=200_000_000,
            usage__hard=True,
        ),
        _plan(
            "PRO",
            1,
            month=12_00,
            year=120_00,
            seat_limit=500,
            members__domainJoin=True,
            projects=2_000,
            links=100_000,
            logs__retentionDays=1095,
            chat__historyDays=1095,
            limits__requestsPerMinute=600_000,
            usage__messagesPerDay=10_000_000,
            usage__notificationsPerDay=10_000_000,
            usage__logBytesPerDay=200_000_000_000,
            usage__checksPerDay=2_000_000_000,
            usage__hard=False,
        ),
        _plan(
            "BUSINESS",
            2,
            month=24_00,
            year=240_00,
            seat_limit=10_000,
            members__domainJoin=True,
            projects=100_000,
            links=1_000_000,
            logs__retentionDays=3650,
            chat__historyDays=36500,
            limits__requestsPerMinute=6_000_000,
            usage__messagesPerDay=100_000_000,
            usage__notificationsPerDay=100_000_000,
            usage__logBytesPerDay=2_000_000_000_000,
            usage__checksPerDay=20_000_000_000,
            usage__hard=False,
        ),
    )
}


def cheapest_plan_with(key: str, needed: FeatureValue) -> str | None:
    """The least plan in which the feature is on, or the quota suffices; None when none is enough."""
    for plan in sorted(PLANS.values(), key=lambda plan: plan.rank):
        if plan.features.get(key, False) >= needed:
            return plan.key
    return None
