"""Decisions on their way to ClickHouse: counted in process, written once a second, so the hot path pays a dictionary.

A lost process loses at most the last second of statistics; what ClickHouse refuses is tried again, with the same
token, so nothing is counted twice. Statistics are no counters: limits themselves are in Valkey.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from septet.kernel.clickhouse import ClickHouse
from septet.kernel.clock import Clock
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.services.limits.answers import Decision
from septet.services.limits.nearness import Near, nearly_reached

COLUMNS = (
    "tenant_id", "at", "route", "method", "user_id", "plan", "rule_id", "audience",
    "allowed", "denied", "shadow_denied", "cost", "used_percent",
)  # fmt: skip
NO_RULE = UUID(int=0)
MOST_BATCHES_WAITING = 30
logger = logging.getLogger(__name__)

Subject = tuple[UUID, str, str, str, str, str]  # tenant, route, method, user, plan, audience
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
        self._tallies: dict[tuple[Subject, UUID], Tally] = {}
        self._waiting: list[tuple[str, list[Row]]] = []
        self._flushing = asyncio.Lock()

    def record(self, subject: Subject, decision: Decision) -> None:
        """Count one decision; a look (cost 0) is none."""
        if decision.cost == 0:
            return
        position = decision.binding
        rule_id = NO_RULE if position is None else decision.applicable.rules[position].id
        tally = self._tallies.get((subject, rule_id)) or self._new_tally(subject, rule_id)
        if decision.denied_by is None:
            tally.allowed += 1
        else:
            tally.denied += 1
        if decision.shadow_bits:
            tally.shadow_denied += 1
            self._count_shadow(subject, decision)
        tally.cost += decision.cost
        tally.latest = decision
        if position is not None:
            used = decision.used_percent(position)
            if used > tally.used_percent:
                tally.used_percent = used

    def _new_tally(self, subject: Subject, rule_id: UUID) -> Tally:
        if len(self._tallies) >= self._most_series:
            subject = (*subject[:3], "", *subject[4:])
        return self._tallies.setdefault((subject, rule_id), Tally())

    def _count_shadow(self, subject: Subject, decision: Decision) -> None:
        """Under the shadow rule's own name too, without counting the check again."""
        for position, rule in enumerate(decision.applicable.rules):
            if decision.shadow_bits >> position & 1:
                self._tallies.setdefault((subject, rule.id), Tally()).used_percent = 100

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

    def _rows(self, tallies: dict[tuple[Subject, UUID], Tally]) -> list[Row]:
        at = self._clock.now().replace(microsecond=0)
        rows: list[Row] = []
        near: dict[tuple[UUID, UUID, str], Near] = {}
        for (subject, rule_id), tally in tallies.items():
            tenant, route, method, user, plan, audience = subject
            numbers = tally.allowed, tally.denied, tally.shadow_denied, tally.cost, tally.used_percent
            rows.append([tenant, at, route, method, user, plan, rule_id, audience, *numbers])
            if tally.latest is not None and self._warn_percent:
                for each in nearly_reached(tally.latest, tenant, user, self._warn_percent):
                    near[tenant, each.rule.id, each.user_id] = each
        # Rules that did not bind have no row of their own; one without checks adds nothing to any sum.
        rows += [
            [tenant, at, "", "", user, "", rule_id, each.rule.definition.audience, 0, 0, 0, 0, each.used_percent]
            for (tenant, rule_id, user), each in near.items()
        ]
        self._on_near(list(near.values()))
        return rows
