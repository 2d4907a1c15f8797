"""Which lines are asked for: service, level, time, words and attributes, as one condition for ClickHouse."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from septet.services.logs.errors import BadSearch
from septet.services.logs.search import language
from septet.services.logs.search.conditions import Conditions, identifier

_OPERATOR = re.compile(r"(>=|<=|>|<|!~|!|~|=)?(.*)", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filter:
    """`start` is included, `end` is not. `attributes`: conditions by path, as in `attr.<path>=<condition>`."""

    services: Sequence[str] = ()
    levels: Sequence[str] = ()
    min_level: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    q: str | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def conditions(self, tenant: UUID) -> Conditions:
        """Raises BadSearch (400)."""
        found = self.timeless(tenant)
        add_span(found, self.first, self.beyond)
        return found

    @property
    def first(self) -> int | None:
        """`start` in nanoseconds since 1970."""
        return None if self.start is None else nanoseconds(self.start)

    @property
    def beyond(self) -> int | None:
        """`end` in nanoseconds since 1970."""
        return None if self.end is None else nanoseconds(self.end)

    @property
    def names_labels(self) -> bool:
        """Whether services or levels are asked for."""
        return bool(self.services or self.levels or self.min_level)

    @property
    def by_labels_alone(self) -> bool:
        """Whether no line itself needs to be looked at: only its service, level and time."""
        return not (self.q and self.q.strip()) and not self.attributes

    def timeless(self, tenant: UUID) -> Conditions:
        """All but the span of time. Raises BadSearch (400)."""
        found = Conditions()
        found.add(f"tenant_id = {found.bind(tenant, 'UUID')}")
        if self.services:
            found.add(f"service IN ({found.bind(list(self.services), 'Array(String)')})")
        if self.levels:
            found.add(f"level IN ({found.bind(list(self.levels), 'Array(String)')})")
        if self.min_level is not None:
            found.add(f"level >= {found.bind(self.min_level, 'String')}")
        if self.q is not None and self.q.strip():
            found.add(language.condition(language.parse(self.q), found))
        for path, wanted in self.attributes.items():
            for one in wanted:
                found.add(attribute_condition(attribute(path), one, found))
        return found

    def highlighter(self) -> re.Pattern[str] | None:
        """What finds in a message what `q` asks for."""
        return language.highlighter(language.parse(self.q)) if self.q and self.q.strip() else None


def add_span(conditions: Conditions, first: int | None, beyond: int | None) -> None:
    """Only lines from `first` to before `beyond`, in nanoseconds since 1970; None: no bound."""
    for operator, moment in ((">=", first), ("<", beyond)):
        if moment is not None:
            bound = conditions.bind(moment, "Int64")
            conditions.add(f"timestamp {operator} fromUnixTimestamp64Nano({bound}, 'UTC')")


def nanoseconds(moment: datetime) -> int:
    """Since 1970; a moment without zone is in UTC. Beyond what ClickHouse holds: its first or last moment."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = aware - _EPOCH
    whole = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
    return max(-(2**63) + 1, min(2**63 - 1, whole))


def attribute(path: str) -> str:
    """The text of the attribute at this path; NULL where a line has none."""
    return f"CAST(attributes.{identifier(path)} AS Nullable(String))"


def attribute_condition(text: str, wanted: str, conditions: Conditions) -> str:
    """One condition on an expression of text: `>`, `>=`, `<`, `<=` compare numbers, `~` and `!~` regular expressions,
    `!` excludes, `*` asks that it be there; `=` in front takes what follows literally.

    Raises BadSearch (400).
    """
    if wanted == "*":
        return f"{text} IS NOT NULL"
    found = _OPERATOR.fullmatch(wanted)
    assert found is not None
    operator, value = found[1] or "=", found[2]
    if operator in (">", ">=", "<", "<="):
        return f"toFloat64OrNull({text}) {operator} {conditions.bind(_number(wanted, value), 'Float64')}"
    if operator in ("~", "!~"):
        matched = f"ifNull(match({text}, {conditions.bind(value, 'String')}), 0)"
        return matched if operator == "~" else f"NOT {matched}"
    equal = f"ifNull({_equal(text, value, conditions)}, 0)"
    return equal if operator == "=" else f"NOT {equal}"


def _equal(text: str, value: str, conditions: Conditions) -> str:
    same = f"{text} = {conditions.bind(value, 'String')}"
    try:
        number = float(value)
    except ValueError:
        return same
    return f"({same} OR toFloat64OrNull({text}) = {conditions.bind(number, 'Float64')})"


def _number(wanted: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadSearch(f"`{wanted}` compares with a number, and {value!r} is none.") from None
