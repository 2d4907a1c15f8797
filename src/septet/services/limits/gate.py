"""The gate: all checks of one turn of the event loop, tenant by tenant, as one call of `buckets.lua` each.

A circuit breaker, not a time-out per check: when one call takes longer than `patience`, the gate opens its circuit.
Everything that waits, and everything that comes, is decided at once by each rule's `onFailure` (see `outage`), until
Valkey answers again. What was allowed meanwhile is then charged to the counters.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from importlib import resources
from typing import Any
from uuid import UUID

from septet.kernel.clock import Clock
from septet.kernel.errors import EngineUnavailable
from septet.kernel.pipeline import Pipeline
from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.answers import Decision
from septet.services.limits.outage import Outage
from septet.services.limits.ruleset import Applicable, user_suffix

SCRIPT = resources.files("septet.services.limits").joinpath("buckets.lua").read_text()
MOST_IN_ONE_CALL = 200
RECONCILE_SECONDS = 0.1
MOST_UNDER_WAY = 2000
"""Checks: what Valkey decides in a few hundredths of a second. More wait here, so that a crowd does not look like an
outage."""
logger = logging.getLogger(__name__)


class Ask:
    """One check on its way: `callback` gets the Decision. A `forced` one takes whatever the rules say."""

    __slots__ = ("applicable", "callback", "cost", "forced", "settled", "user_id")

    def __init__(
        self,
        applicable: Applicable,
        user_id: str,
        cost: int,
        callback: Callable[[Decision], None],
        *,
        forced: bool = False,
    ) -> None:
        self.applicable = applicable
        self.user_id = user_id
        self.cost = cost
        self.callback = callback
        self.forced = forced
        self.settled = False  # decided without Valkey


class Gate:
    """One per process. `patience`: seconds that Valkey may take. `record` hears of every decision."""

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        *,
        patience: float,
        processes: int,
        record: Callable[[str, Decision], None],
    ) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._patience = patience
        self._record = record
        self._script = pipeline.script(SCRIPT)
        self._loop = asyncio.get_running_loop()
        self._pending: dict[UUID, list[Ask]] = {}  # by tenant
        self._flushing = False
        self._under_way: dict[int, tuple[float, list[Ask]]] = {}  # by number, in the order of sending
        self._checks_under_way = 0
        self._number = 0
        self._watching = self._reconciling = False
        self.circuit_open = False
        self.outage = Outage(processes)

    def submit(self, ask: Ask) -> None:
        """Decide. Answers at once when no rule applies."""
        applicable = ask.applicable
        if not applicable.rules:
            self._tell(ask, Decision(applicable, ask.cost, None, 0, 0, ()))
        elif self.circuit_open:
            self._settle_without(ask)
        else:
            asks = self._pending.get(applicable.tenant_id)
            if asks is None:
                asks = self._pending[applicable.tenant_id] = []
            asks.append(ask)
            if not self._flushing:
                self._flushing = True
                self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Send what waits, as far as there is room; tenants take turns."""
        self._flushing = False
        pending = self._pending
        while pending and self._checks_under_way < MOST_UNDER_WAY:
            tenant_id = next(iter(pending))
            asks = pending.pop(tenant_id)
            if len(asks) > MOST_IN_ONE_CALL:
                asks, pending[tenant_id] = asks[:MOST_IN_ONE_CALL], asks[MOST_IN_ONE_CALL:]
            self._send(asks)

    def _send(self, asks: list[Ask]) -> None:
        self._number += 1
        self._under_way[self._number] = self._loop.time(), asks
        self._checks_under_way += len(asks)
        self._pipeline.submit(
            script_call(self._script, asks, self._clock.unix_ms(), offset_ms=int(self._clock.offset_seconds * 1000)),
            partial(self._answered, self._number),
        )
        if not self._watching:
            self._watching = True
            self._loop.call_later(self._patience / 2, self._watch)

    def _watch(self, suspected: int = 0) -> None:
        """Open the circuit when the oldest call under way has taken too long.

        It is looked at twice, half the patience apart: a process that was itself held up finds the reply in between.
        """
        self._watching = bool(self._under_way) and not self.circuit_open
        if not self._watching:
            return
        number, (sent, _) = next(iter(self._under_way.items()))
        left = sent + self._patience / 2 - self._loop.time()
        if left > 0:
            self._loop.call_later(left, self._watch)
        elif number != suspected:
            self._loop.call_later(self._patience / 2, self._watch, number)
        else:
            self._watching = False
            self._open_circuit()

    def _open_circuit(self) -> None:
        logger.warning("limits: Valkey takes longer than %.0f ms; rules decide by onFailure", self._patience * 1000)
        self.circuit_open = True
        pending, self._pending = self._pending, {}
        for asks in (*[asks for _, asks in self._under_way.values()], *pending.values()):
            for ask in asks:
                self._settle_without(ask)

    def _settle_without(self, ask: Ask) -> None:
        ask.settled = True
        if ask.forced:
            self.outage.owe(ask.applicable, ask.user_id, ask.cost)
        else:
            self._tell(ask, self.outage.decide(ask.applicable, ask.user_id, ask.cost, self._clock.unix_ms()))
        self._reconcile_soon()

    def _reconcile_soon(self) -> None:
        if not self._reconciling:
            self._reconciling = True
            self._loop.call_later(RECONCILE_SECONDS, self._reconcile)

    def _reconcile(self) -> None:
        """Charge what is owed, once Valkey is back."""
        self._reconciling = False
        if self.circuit_open or not self._pipeline.healthy:
            self._reconcile_soon()
            return
        for applicable, user_id, cost in self.outage.take_debts():
            self.submit(Ask(applicable, user_id, cost, _nobody, forced=True))

    def _answered(self, number: int, reply: object) -> None:
        asks = self._under_way.pop(number)[1]
        self._checks_under_way -= len(asks)
        if isinstance(reply, list):
            self._decided(asks, reply)
        else:
            if not isinstance(reply, EngineUnavailable):
                logger.error("limits: the script failed: %r", reply)
            for ask in asks:
                if not ask.settled:
                    self._settle_without(ask)
        if self.circuit_open and not any(asks[0].settled for _, asks in self._under_way.values()):
            self.circuit_open = False  # the pipeline has an answer, or knows itself that Valkey is away
        if self._pending and not self._flushing:
            self._flush()

    def _decided(self, asks: list[Ask], reply: list[Any]) -> None:
        position = 0
        for ask in asks:
            applicable = ask.applicable
            start = position + 3
            end = start + 2 * len(applicable.rules)
            denied_by = reply[position]
            decision = Decision(
                applicable,
                ask.cost,
                denied_by - 1 if denied_by else None,
                reply[position + 1],
                reply[position + 2],
                reply[start:end],
            )
            position = end
            if not ask.settled:
                self._tell(ask, decision)
            elif decision.allowed:
                # Valkey has counted it after all: it is not owed then, and what was told a denial is given back.
                self.outage.owe(applicable, ask.user_id, -ask.cost)
                self._reconcile_soon()

    def _tell(self, ask: Ask, decision: Decision) -> None:
        if ask.forced:
            return
        try:
            self._record(ask.user_id, decision)
            ask.callback(decision)
        except Exception:
            logger.exception("limits: a check could not be answered")


def script_call(
    script: bytes, asks: Sequence[Ask], now_ms: int, *, offset_ms: int = 0, absolute_ms: int = 0
) -> tuple[bytes | str | int, ...]:
    """The command that decides `asks` in order. `absolute_ms` replaces the server's time, for replays."""
    keys: dict[bytes, int] = {}
    rules: dict[CompiledRule, int] = {}
    groups: dict[tuple[Applicable, bool], int] = {}
    described: list[int] = []
    checks: list[int] = []
    last, group = None, 0
    for ask in asks:
        applicable = ask.applicable
        if applicable is not last or ask.forced:  # neighbours are mostly about the same route
            group = _group(ask, groups, rules, keys, described)
            last = None if ask.forced else applicable
        checks.append(group)
        checks.append(ask.cost)
        if applicable.per_user:
            suffix = user_suffix(ask.user_id)
            checks += [keys.setdefault(rule.key_prefix + suffix, len(keys) + 1) for rule in applicable.per_user]
    numbers = [argument for rule in rules for argument in rule.arguments(now_ms)]
    parts = (offset_ms, absolute_ms, len(rules), *numbers, len(groups), *described, *checks)
    return (b"EVALSHA", script, len(keys), *keys, *parts)


def _group(
    ask: Ask,
    groups: dict[tuple[Applicable, bool], int],
    rules: dict[CompiledRule, int],
    keys: dict[bytes, int],
    described: list[int],
) -> int:
    """The number of the group of checks that this one belongs to; a new group is described."""
    number = groups.get((ask.applicable, ask.forced))
    if number is None:
        number = groups[ask.applicable, ask.forced] = len(groups) + 1
        described += (int(ask.forced), len(ask.applicable.rules))
        for rule in ask.applicable.rules:
            described.append(rules.setdefault(rule, len(rules) + 1))
            described.append(0 if rule.per_user else keys.setdefault(rule.key_prefix, len(keys) + 1))
    return number


def _nobody(_: Decision) -> None:
    """Waits for a charge."""
