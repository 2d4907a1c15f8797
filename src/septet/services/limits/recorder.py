"""Decisions on their way to ClickHouse: counted in process, written once a second, so the hot path pays a dictionary.

Rows are made a few at a time, as text, so that a second with many users holds up no check for long. A lost process
loses at most the last second of statistics; what ClickHouse refuses is tried again, with the same token, so nothing is
counted twice. Statistics are no counters: limits themselves are in Valkey.
"""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from septet.kernel.clickhouse import ClickHouse
from septet.kernel.clock import Clock
from septet.kernel.outages import Outages
from septet.services.limits.answers import Decision
from septet.services.limits.nearness import Near, nearly_reached
from septet.services.limits.ruleset import Applicable

COLUMNS = (
    "tenant_id", "at", "route", "method", "user_id", "plan", "rule_id", "audience",
    "allowed", "denied", "shadow_denied", "cost", "used_percent",
)  # fmt: skip
INSERT = f"INSERT INTO limit_decisions ({', '.join(COLUMNS)})"
NO_RULE = UUID(int=0)
ROWS_AT_ONCE = 100
MOST_BATCHES_WAITING = 30

Key = tuple[Applicable, str, int | None]  # the rules, the user, and which of the rules bound
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Tally:
    """What was decided for one subject within a second, where one rule bound."""

    __slots__ = ("allowed", "cost", "denied", "latest", "shadow_denied", "used_percent")

    def __init__(self) -> None:
        self.allowed = self.denied = self.shadow_denied = self.cost = self.used_percent = 0
        self.latest: Decision | None = None


class Second:
    """What was counted until a flush; `rows` once it is ready to be written, as TabSeparated."""

    __slots__ = ("at", "rows", "tallies", "token")

    def __init__(self, at: int, tallies: dict[Key, Tally]) -> None:
        self.at = at
        self.tallies = tallies
        self.token = str(uuid4())
        self.rows: bytes | None = None


class Recorder:
    """`most_series`: distinct (route, user, …) per second; beyond it users are left out.

    `on_near` hears, with every flush, of the counters that have used `warn_percent` of their limit (0: never).
    """

    def __init__(
        self,
        clickhouse: ClickHouse,
        clock: Clock,
        *,
        most_series: int,
        warn_percent: int,
        on_near: Callable[[Sequence[Near]], None],
    ) -> None:
        self._clickhouse = clickhouse
        self._clock = clock
        self._most_series = most_series
        self._warn_percent = warn_percent
        self._on_near = on_near
        self._tallies: dict[Key, Tally] = {}
        self._waiting: list[Second] = []
        self._flushing = asyncio.Lock()

    def record(self, user_id: str, decision: Decision) -> None:
        """Count one decision; a look (cost 0) is none."""
        if decision.cost == 0:
            return
        applicable, position = decision.applicable, decision.binding
        tally = self._tallies.get((applicable, user_id, position)) or self._new_tally(applicable, user_id, position)
        if decision.denied_by is None:
            tally.allowed += 1
        else:
            tally.denied += 1
        if decision.shadow_bits:
            tally.shadow_denied += 1
            self._count_shadow(user_id, decision)
        tally.cost += decision.cost
        tally.latest = decision
        if position is not None and not decision.away:
            used = decision.used_percent(position)
            if used > tally.used_percent:
                tally.used_percent = used

    def _new_tally(self, applicable: Applicable, user_id: str, position: int | None) -> Tally:
        if len(self._tallies) >= self._most_series:
            user_id = ""
        return self._tallies.setdefault((applicable, user_id, position), Tally())

    def _count_shadow(self, user_id: str, decision: Decision) -> None:
        """Under the shadow rule's own name too, without counting the check again."""
        for position in range(len(decision.applicable.rules)):
            if decision.shadow_bits >> position & 1:
                self._tallies.setdefault((decision.applicable, user_id, position), Tally()).used_percent = 100

    async def run(self) -> None:
        """Flush each second, for ever."""
        outages = Outages("decisions of limits")
        while True:
            await asyncio.sleep(1)
            with outages.survived():
                await self.flush()

    async def flush(self) -> None:
        """Write what was counted. Raises EngineUnavailable, StorageFull; it is kept then."""
        tallies, self._tallies = self._tallies, {}
        if tallies:
            self._waiting.append(Second(int(self._clock.unix()), tallies))
            del self._waiting[:-MOST_BATCHES_WAITING]
        async with self._flushing:
            while self._waiting:
                second = self._waiting[0]
                if second.rows is None:
                    second.rows = await self._rows(second)
                    second.tallies.clear()
                await self._clickhouse.insert_bytes(INSERT, second.rows, "TabSeparated", token=second.token)
                if second in self._waiting:  # else too many waited meanwhile
                    self._waiting.remove(second)

    async def _rows(self, second: Second) -> bytes:
        rows: list[bytes] = []
        near: dict[tuple[UUID, str], Near] = {}
        frames: dict[tuple[Applicable, int | None], tuple[str, str]] = {}
        for number, ((applicable, user_id, position), tally) in enumerate(second.tallies.items(), 1):
            frame = frames.get((applicable, position))
            if frame is None:
                frame = frames[applicable, position] = _frame(second.at, applicable, position)
            rows.append(_row(frame, user_id, tally))
            if tally.latest is not None and self._warn_percent:
                for each in nearly_reached(tally.latest, user_id, self._warn_percent):
                    near[each.rule.id, each.user_id] = each
            if number % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        rows += [_near_row(second.at, each) for each in near.values()]
        self._on_near(list(near.values()))
        return b"".join(rows)


def _frame(at: int, applicable: Applicable, position: int | None) -> tuple[str, str]:
    """The columns before the user, and those between the user and the numbers."""
    route, method, plan, audience = applicable.subject
    rule_id = NO_RULE if position is None else applicable.rules[position].id
    return (
        f"{applicable.tenant_id}\t{at}\t{_escaped(route)}\t{_escaped(method)}\t",
        f"\t{_escaped(plan)}\t{rule_id}\t{audience}\t",
    )


def _row(frame: tuple[str, str], user_id: str, tally: Tally) -> bytes:
    numbers = f"{tally.allowed}\t{tally.denied}\t{tally.shadow_denied}\t{tally.cost}\t{tally.used_percent}\n"
    return (frame[0] + _escaped(user_id) + frame[1] + numbers).encode(errors="replace")


def _near_row(at: int, near: Near) -> bytes:
    """Rules that did not bind have no row of their own; one without checks adds nothing to any sum."""
    rule = near.rule
    text = (
        f"{near.tenant_id}\t{at}\t\t\t{_escaped(near.user_id)}\t\t{rule.id}\t{rule.definition.audience}"
        f"\t0\t0\t0\t0\t{near.used_percent}\n"
    )
    return text.encode(errors="replace")


def _escaped(text: str) -> str:
    """As a field of TabSeparated."""
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text
