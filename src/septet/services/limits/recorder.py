"""Decisions on their way to ClickHouse: counted in process, written once a second, so the hot path pays a dictionary.

A lost process loses at most the last second of statistics; what ClickHouse refuses is tried again, with the same
token, so nothing is counted twice. Statistics are no counters: limits themselves are in Valkey.
"""

import asyncio
import logging
from uuid import UUID, uuid4

from septet.kernel.clickhouse import ClickHouse
from septet.kernel.clock import Clock
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.services.limits.answers import Decision

COLUMNS = (
    "tenant_id", "at", "route", "method", "user_id", "plan", "rule_id", "audience",
    "allowed", "denied", "shadow_denied", "cost", "used_percent",
)  # fmt: skip
NO_RULE = UUID(int=0)
MOST_BATCHES_WAITING = 30
logger = logging.getLogger(__name__)

Subject = tuple[UUID, str, str, str, str, str]  # tenant, route, method, user, plan, audience


class Recorder:
    """`most_series`: distinct (route, user, …) per second; beyond it users are left out."""

    def __init__(self, clickhouse: ClickHouse, clock: Clock, most_series: int) -> None:
        self._clickhouse = clickhouse
        self._clock = clock
        self._most_series = most_series
        self._counts: dict[tuple[Subject, UUID], list[int]] = {}
        self._waiting: list[tuple[str, list[list[object]]]] = []
        self._flushing = asyncio.Lock()

    def record(self, subject: Subject, decision: Decision) -> None:
        """Count one decision; a look (cost 0) is none."""
        if decision.cost == 0:
            return
        position = decision.binding
        rule = None if position is None else decision.applicable.rules[position]
        key = subject, NO_RULE if rule is None else rule.id
        counts = self._counts.get(key)
        if counts is None:
            if len(self._counts) >= self._most_series:
                key = (*subject[:3], "", *subject[4:]), key[1]
            counts = self._counts.setdefault(key, [0, 0, 0, 0, 0])
        counts[0 if decision.denied_by is None else 1] += 1
        if decision.shadow_bits:
            counts[2] += 1
            self._count_shadow(subject, decision)
        counts[3] += decision.cost
        if rule is not None and position is not None:
            used = 100 - 100 * decision.view[2 * position] // max(rule.limit, rule.burst)
            if used > counts[4]:
                counts[4] = used

    def _count_shadow(self, subject: Subject, decision: Decision) -> None:
        """Under the shadow rule's own name too, without counting the check again."""
        for position, rule in enumerate(decision.applicable.rules):
            if decision.shadow_bits >> position & 1:
                counts = self._counts.setdefault((subject, rule.id), [0, 0, 0, 0, 0])
                counts[4] = 100

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
        counts, self._counts = self._counts, {}
        if counts:
            at = self._clock.now().replace(microsecond=0)
            rows: list[list[object]] = [
                [tenant, at, route, method, user, plan, rule_id, audience, *numbers]
                for ((tenant, route, method, user, plan, audience), rule_id), numbers in counts.items()
            ]
            self._waiting.append((str(uuid4()), rows))
            del self._waiting[:-MOST_BATCHES_WAITING]
        async with self._flushing:
            while self._waiting:
                token, rows = self._waiting[0]
                await self._clickhouse.insert("limit_decisions", rows, COLUMNS, token=token)
                self._waiting.remove((token, rows))
