"""Replay: a rule that is not in force yet, decided over recorded traffic by the same script, at the recorded times.

Recorded traffic is known to the second; the checks of one second are decided at its begin, in no particular order.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from septet.kernel.uow import UnitOfWork
from septet.services.limits import permissions
from septet.services.limits.actions.statistics import period
from septet.services.limits.algorithms import CompiledRule, compile_rule
from septet.services.limits.answers import Decision
from septet.services.limits.gate import SCRIPT, Ask, script_call
from septet.services.limits.patterns import matcher
from septet.services.limits.ruleset import Applicable
from septet.services.limits.schemas import ReplayedUser, ReplayIn, ReplayOut, RuleIn
from septet.services.limits.store import decisions

MOST_ROWS = 200_000
MOST_CHECKS = 1_000_000
MOST_USERS = 100
IN_ONE_CALL = 500


async def replay(uow: UnitOfWork, body: ReplayIn) -> ReplayOut:
    """Raises BadParameter, Forbidden, EngineUnavailable."""
    uow.actor.require(permissions.READ_LIMITS)
    since, until = period(uow, body.from_, body.to)
    rows = await decisions.traffic(uow, since, until, MOST_ROWS)
    run = _Replay(uow, body.rule)
    total = 0
    for row in rows:
        if run.applies(row):
            total += int(row["checks"])
            if total > MOST_CHECKS:
                break
            await run.decide(row)
    await run.finish()
    return run.result(partial=total > MOST_CHECKS or len(rows) == MOST_ROWS)


class _Replay:
    """Counters of its own, in the organization's slot, deleted at the end."""

    def __init__(self, uow: UnitOfWork, rule: RuleIn) -> None:
        self._pipeline = uow.runtime.pipeline
        self._script = self._pipeline.script(SCRIPT)
        self._rule = rule.model_copy(update={"shadow": False})
        self._compiled = compile_rule(uow.tenant_id, uow.new_id(), self._rule, f"replay:{uuid4().hex}:")
        self._fits = matcher(rule.route) if rule.route is not None else None
        self._keys: set[bytes] = set()
        self._tenant_id = uow.tenant_id
        self._applicable: dict[CompiledRule, Applicable] = {}
        self._outcomes: dict[tuple[str, str], list[int]] = {}

    def applies(self, row: dict[str, Any]) -> bool:
        rule = self._rule
        if rule.algorithm == "concurrency" or row["audience"] != rule.audience:
            return False
        if rule.scope == "user" and not row["user_id"]:
            return False
        if rule.method is not None and row["method"].upper() != rule.method.upper():
            return False
        return self._fits is None or self._fits(row["route"].partition("?")[0])

    async def decide(self, row: dict[str, Any]) -> None:
        """All checks of one second by one user on one route; their cost is spread evenly."""
        checks = int(row["checks"])
        asks = [self._ask(row, cost) for cost in _spread(int(row["cost"]), checks)]
        outcome = self._outcomes.setdefault((row["user_id"], row["route"]), [0, 0])
        for start in range(0, checks, IN_ONE_CALL):
            part = asks[start : start + IN_ONE_CALL]
            now_ms = int(row["second"]) * 1000
            reply = await self._pipeline.call(*script_call(self._script, part, now_ms, absolute_ms=now_ms))
            denied = sum(1 for position in range(0, len(reply), 5) if reply[position])
            outcome[0] += len(part) - denied
            outcome[1] += denied

    def _ask(self, row: dict[str, Any], cost: int) -> Ask:
        rule: CompiledRule = self._compiled.for_user.get(row["user_id"]) or self._compiled.for_plan.get(
            row["plan"], self._compiled
        )
        applicable = self._applicable.get(rule)
        if applicable is None:
            applicable = self._applicable[rule] = Applicable(self._tenant_id, [rule])
        self._keys.update(applicable.keys(row["user_id"]))
        return Ask(applicable, row["user_id"], cost, _ignore)

    async def finish(self) -> None:
        keys = list(self._keys)
        for start in range(0, len(keys), IN_ONE_CALL):
            await self._pipeline.call(b"UNLINK", *keys[start : start + IN_ONE_CALL])

    def result(self, *, partial: bool) -> ReplayOut:
        ordered = sorted(self._outcomes.items(), key=lambda each: (-each[1][1], each[0]))
        users = [
            ReplayedUser(user_id=user, route=route, allowed=allowed, denied=denied)
            for (user, route), (allowed, denied) in ordered[:MOST_USERS]
            if denied
        ]
        allowed, denied = (sum(outcome[side] for outcome in self._outcomes.values()) for side in (0, 1))
        return ReplayOut(checks=allowed + denied, allowed=allowed, denied=denied, denied_users=users, partial=partial)


def _spread(cost: int, checks: int) -> Iterator[int]:
    each, rest = divmod(cost, checks)
    for number in range(checks):
        yield each + (number < rest)


def _ignore(_: Decision) -> None:
    """The reply is counted as a whole."""
