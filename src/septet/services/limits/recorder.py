"""Decisions on their way to ClickHouse: counted in process, written once a second, so the hot path pays a dictionary.

A lost process loses at most the last second of statistics; what ClickHouse refuses is tried again, with the same
token, so nothing is counted twice. Statistics are no counters: limits themselves are in Valkey.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from septet.kernel.clickhouse import ClickHouse
from septet.kernel.clock import Clock
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.services.limits.answers import Decision
from septet.services.limits.nearness import Near, nearly_reached
from septet.services.limits.ruleset import Applicable

COLUMNS = (
    "tenant_id", "at", "route", "method", "user_id", "plan", "rule_id", "audience",
    "allowed", "denied", "shadow_denied", "cost", "used_percent",
)  # fmt: skip
NO_RULE = UUID(int=0)
MOST_BATCHES_WAITING = 30
logger = logging.getLogger(__name__)

Key = tuple[Applicable, str, int | None]  # the rules, the user, and which of the rules bound
Row = list[object]


class Tally:
    """What was decided for one subject within a second, where one rule bound."""

    __slots__ = ("allowed", "cost", "denied", "latest", "shadow_denied", "used_percent")

    def __init__(self) -> None:
        self.allowed = self.denied = self.shadow_denied = self.cost = self.used_percent = 0
        self.latest: Decision | None = None


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
        self._waiting: list[tuple[str, list[Row]]] = []
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
        while True:
            await asyncio.sleep(1)
            try:
                await self.flush()
            except (EngineUnavailable, StorageFull) as error:
                logger.warning("limits: decisions wait to be recorded: %s", error)
            except Exception:
                logger.exception("limits: decisions could not be recorded")

    async def flush(self) -> None:
        """Write what was counted. Raises EngineUnavailable, StorageFull; it is kept then."""
        tallies, self._tallies = self._tallies, {}
        if tallies:
            self._waiting.append((str(uuid4()), self._rows(tallies)))
            del self._waiting[:-MOST_BATCHES_WAITING]
        async with self._flushing:
            while self._waiting:
                token, rows = self._waiting[0]
                await self._clickhouse.insert("limit_decisions", rows, COLUMNS, token=token)
                self._waiting.remove((token, rows))

    def _rows(self, tallies: dict[Key, Tally]) -> list[Row]:
        at = self._clock.now().replace(microsecond=0)
        rows: list[Row] = []
        near: dict[tuple[UUID, str], Near] = {}
        for (applicable, user_id, position), tally in tallies.items():
            route, method, plan, audience = applicable.subject
            rule_id = NO_RULE if position is None else applicable.rules[position].id
            numbers = tally.allowed, tally.denied, tally.shadow_denied, tally.cost, tally.used_percent
            rows.append([applicable.tenant_id, at, route, method, user_id, plan, rule_id, audience, *numbers])
            if tally.latest is not None and self._warn_percent:
                for each in nearly_reached(tally.latest, user_id, self._warn_percent):
                    near[each.rule.id, each.user_id] = each
        rows += [self._near_row(at, each) for each in near.values()]
        self._on_near(list(near.values()))
        return rows

    def _near_row(self, at: datetime, near: Near) -> Row:
        """Rules that did not bind have no row of their own; one without checks adds nothing to any sum."""
        rule = near.rule
        numbers = 0, 0, 0, 0, near.used_percent
        return [near.tenant_id, at, "", "", near.user_id, "", rule.id, rule.definition.audience, *numbers]
