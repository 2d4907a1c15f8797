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

from septet.kernel.clock import Clock
from septet.kernel.errors import EngineUnavailable
from septet.kernel.pipeline import Pipeline
from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.answers import Decision
from septet.services.limits.outage import Outage
from septet.services.limits.ruleset import Applicable

SCRIPT = resources.files("septet.services.limits").joinpath("buckets.lua").read_text()
MOST_IN_ONE_CALL = 200
logger = logging.getLogger(__name__)


class Ask:
    """One check on its way: `callback` gets the Decision. A `forced` one takes whatever the rules say."""

    __slots__ = ("applicable", "callback", "cost", "forced", "keys", "settled")

    def __init__(
        self,
        applicable: Applicable,
        keys: Sequence[bytes],
        cost: int,
        callback: Callable[[Decision], None],
        *,
        forced: bool = False,
    ) -> None:
        self.applicable = applicable
        self.keys = keys
        self.cost = cost
        self.callback = callback
        self.forced = forced
        self.settled = False  # decided without Valkey


class Gate:
    """One per process. `patience`: seconds that Valkey may take."""

    def __init__(self, pipeline: Pipeline, clock: Clock, patience: float, processes: int) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._patience = patience
        self._script = pipeline.script(SCRIPT)
        self._loop = asyncio.get_running_loop()
        self._pending: dict[bytes, list[Ask]] = {}
        self._under_way: dict[int, tuple[float, list[Ask]]] = {}  # by number, in the order of sending
        self._number = 0
        self._watching = False
        self.circuit_open = False
        self.outage = Outage(processes)

    def submit(self, slot: bytes, ask: Ask) -> None:
        """Decide; `slot` is the tenant's part of the keys. Answers at once when no rule applies."""
        if not ask.keys:
            ask.callback(Decision(ask.applicable, ask.cost, None, 0, 0, ()))
        elif self.circuit_open:
            self._settle_without(ask)
        else:
            if not self._pending:
                self._loop.call_soon(self._flush)
            self._pending.setdefault(slot, []).append(ask)

    def _flush(self) -> None:
        pending, self._pending = self._pending, {}
        for asks in pending.values():
            for start in range(0, len(asks), MOST_IN_ONE_CALL):
                self._send(asks[start : start + MOST_IN_ONE_CALL])

    def _send(self, asks: list[Ask]) -> None:
        self._number += 1
        self._under_way[self._number] = self._loop.time(), asks
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
        for _, asks in self._under_way.values():
            for ask in asks:
                self._settle_without(ask)

    def _settle_without(self, ask: Ask) -> None:
        ask.settled = True
        if ask.forced:
            self.outage.owe(ask.applicable, ask.keys, ask.cost)
        else:
            self._tell(ask, self.outage.decide(ask.applicable, ask.keys, ask.cost, self._clock.unix_ms()))

    def _answered(self, number: int, reply: object) -> None:
        asks = self._under_way.pop(number)[1]
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
        if self.outage.debts and isinstance(reply, list) and not self.circuit_open:
            self._charge_debts()

    def _decided(self, asks: list[Ask], reply: list[Any]) -> None:
        position = 0
        for ask in asks:
            end = position + 3 + 2 * len(ask.keys)
            denied_by = reply[position]
            decision = Decision(
                ask.applicable,
                ask.cost,
                denied_by - 1 if denied_by else None,
                reply[position + 1],
                reply[position + 2],
                reply[position + 3 : end],
            )
            position = end
            if not ask.settled:
                self._tell(ask, decision)
            elif decision.allowed:
                # Valkey has counted it after all: it is not owed then, and what was told a denial is given back.
                self.outage.owe(ask.applicable, ask.keys, -ask.cost)

    def _charge_debts(self) -> None:
        for slot, applicable, keys, cost in self.outage.take_debts():
            self.submit(slot, Ask(applicable, keys, cost, _ignore, forced=True))

    def _tell(self, ask: Ask, decision: Decision) -> None:
        try:
            ask.callback(decision)
        except Exception:
            logger.exception("limits: a check could not be answered")


def script_call(
    script: bytes, asks: Sequence[Ask], now_ms: int, *, offset_ms: int = 0, absolute_ms: int = 0
) -> tuple[bytes | str | int, ...]:
    """The command that decides `asks` in order. `absolute_ms` replaces the server's time, for replays."""
    keys: dict[bytes, int] = {}
    rules: dict[CompiledRule, int] = {}
    checks: list[int] = []
    for ask in asks:
        checks += (ask.cost, int(ask.forced), len(ask.keys))
        for rule, key in zip(ask.applicable.rules, ask.keys, strict=True):
            checks.append(rules.setdefault(rule, len(rules) + 1))
            checks.append(keys.setdefault(key, len(keys) + 1))
    numbers = [argument for rule in rules for argument in rule.arguments(now_ms)]
    return (b"EVALSHA", script, len(keys), *keys, offset_ms, absolute_ms, len(rules), *numbers, *checks)


def _ignore(_: Decision) -> None:
    """Nobody waits for a charge."""
