"""The common subset of LogQL: stream selectors, line filters, `json`, `logfmt`, label filters, and three aggregations.

    {service_name="api", level=~"warn|error"} |= "timeout" != "retry" | json | status >= 500
    sum by (level) (count_over_time({service_name="api"} |~ "(?i)timeout" [5m]))

`service_name` (or `service`, `app`, `job`), `level` (or `detected_level`, `severity`) and `host` are columns; every
other label is the attribute of that path. Lines were parsed when they were stored: `json` and `logfmt` change nothing.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from septet.services.logs.derivation import RAW_LINE
from septet.services.logs.errors import BadSearch
from septet.services.logs.search.conditions import Conditions
from septet.services.logs.search.filters import attribute

COLUMNS = {
    **dict.fromkeys(("service_name", "service", "app", "job"), "toString(service)"),
    **dict.fromkeys(("level", "detected_level", "severity"), "toString(level)"),
    "host": "toString(host)",
    "trace_id": "trace_id",
}
STREAM_LABELS = ("service_name", "level", "host")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|`[^`]*`)
        | (?P<duration>\d+(?:ms|s|m|h|d|w))
        | (?P<number>-?\d+(?:\.\d+)?)
        | (?P<name>[A-Za-z_][A-Za-z0-9_.]*)
        | (?P<sign>\|=|\|~|!=|!~|=~|>=|<=|==|[={}()\[\],|<>]))""",
    re.VERBOSE,
)
Aggregation = Literal["count_over_time", "rate"]


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label operator value`, of the stream selector or after a pipe."""

    label: str
    operator: str
    value: str | float


@dataclass(slots=True)
class Query:
    """`aggregation` is None for a query of lines. `by` is None without `sum`; an empty one sums all."""

    matchers: list[Matcher] = field(default_factory=list)
    line_filters: list[tuple[str, str]] = field(default_factory=list)
    aggregation: Aggregation | None = None
    seconds: float = 0.0
    by: tuple[str, ...] | None = None


def parse(text: str) -> Query:
    """Raises BadSearch (400) for anything outside the subset."""
    parser = _Parser(text)
    query = parser.expression()
    parser.end()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0

    def expression(self) -> Query:
        if self._value() == "{":
            return self._lines()
        name = self._take("name")
        if name == "sum":
            return self._sum()
        if name == "count_over_time":
            return self._aggregation("count_over_time")
        if name == "rate":
            return self._aggregation("rate")
        raise self._bad(f"{name!r} is not supported; there are count_over_time, rate and sum")

    def end(self) -> None:
        if self._next < len(self._tokens):
            raise self._bad("nothing is expected here")

    def _sum(self) -> Query:
        by = self._by()
        self._sign("(")
        query = self.expression()
        self._sign(")")
        query.by = by or self._by()
        if query.aggregation is None:
            raise self._bad("`sum` takes count_over_time(…) or rate(…)")
        return query

    def _by(self) -> tuple[str, ...]:
        if self._value() != "by":
            return ()
        self._next += 1
        self._sign("(")
        labels = [self._take("name")]
        while self._value() == ",":
            self._next += 1
            labels.append(self._take("name"))
        self._sign(")")
        return tuple(labels)

    def _aggregation(self, name: Aggregation) -> Query:
        self._sign("(")
        query = self._lines()
        self._sign("[")
        query.seconds = duration(self._take("duration"))
        self._sign("]")
        self._sign(")")
        query.aggregation = name
        return query

    def _lines(self) -> Query:
        query = Query()
        self._sign("{")
        while self._value() != "}":
            query.matchers.append(self._matcher(("=", "!=", "=~", "!~")))
            if self._value() == ",":
                self._next += 1
        self._sign("}")
        while self._value() in ("|=", "|~", "!=", "!~", "|"):
            self._stage(query)
        return query

    def _stage(self, query: Query) -> None:
        operator = self._take("sign")
        if operator != "|":
            query.line_filters.append((operator, _unquoted(self._take("text"))))
        elif self._value() in ("json", "logfmt"):
            self._next += 1
        else:
            query.matchers.append(self._matcher(("=", "==", "!=", "=~", "!~", ">", ">=", "<", "<=")))

    def _matcher(self, operators: tuple[str, ...]) -> Matcher:
        label = self._take("name")
        operator = self._take("sign")
        if operator not in operators:
            raise self._bad(f"{operator!r} is not supported here; there are {' '.join(operators)}")
        if self._kind() in ("number", "duration"):
            kind = self._kind()
            value = self._take(kind)
            return Matcher(label, operator, float(value) if kind == "number" else duration(value))
        return Matcher(label, operator, _unquoted(self._take("text")))

    def _kind(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _value(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _take(self, kind: str) -> str:
        if self._kind() != kind:
            raise self._bad(f"a {kind} is expected here")
        self._next += 1
        return self._tokens[self._next - 1][1]

    def _sign(self, sign: str) -> None:
        if self._value() != sign:
            raise self._bad(f"{sign!r} is expected here")
        self._next += 1

    def _bad(self, what: str) -> BadSearch:
        position = self._tokens[self._next][2] if self._next < len(self._tokens) else len(self._text)
        return BadSearch(f"The query cannot be understood at character {position + 1}: {what}.")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise BadSearch(f"The query cannot be understood at character {position + 1}: {text[position:][:20]!r}.")
        found.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        position = match.end()
    return found


def _unquoted(text: str) -> str:
    if text.startswith("`"):
        return text[1:-1]
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[1]), text[1:-1])


def duration(text: str) -> float:
    """Seconds of `5m` and its like. Raises KeyError, AssertionError for anything else."""
    number = re.match(r"\d+", text)
    assert number is not None
    return int(number[0]) * _SECONDS[text[number.end() :]]


def add_conditions(query: Query, conditions: Conditions) -> None:
    """What lines must be like."""
    for matcher in query.matchers:
        conditions.add(_matched(label_value(matcher.label), matcher, conditions))
    for operator, value in query.line_filters:
        bound = conditions.bind(value, "String")
        found = f"match({RAW_LINE}, {bound})" if "~" in operator else f"position({RAW_LINE}, {bound}) > 0"
        conditions.add(found if operator.startswith("|") else f"NOT {found}")


def label_value(label: str) -> str:
    """The text of a label, empty where a line does not have it, as Loki sees it."""
    return COLUMNS.get(label) or f"ifNull({attribute(label)}, '')"


def _matched(text: str, matcher: Matcher, conditions: Conditions) -> str:
    operator, value = matcher.operator, matcher.value
    if isinstance(value, float):
        comparison = "=" if operator in ("=", "==") else operator
        return f"ifNull(toFloat64OrNull({text}) {comparison} {conditions.bind(value, 'Float64')}, 0)"
    if operator in ("=~", "!~"):
        matched = f"match({text}, {conditions.bind(f'^(?:{value})$', 'String')})"
        return matched if operator == "=~" else f"NOT {matched}"
    return f"{text} {'!=' if operator == '!=' else '='} {conditions.bind(value, 'String')}"
