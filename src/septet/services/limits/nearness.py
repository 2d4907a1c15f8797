"""Who is near a limit: told as the event `limits.nearly_reached`, once a day (UTC) for each counter.

That it has been told is noted in Valkey before the event commits, for all processes; when the commit fails the note is
taken back. A process killed in between leaves the note, and that day's event is lost: it is a hint, not a fact to keep.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from septet.kernel.identity import system_actor
from septet.kernel.outages import Outages
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.kernel.valkey import key
from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.answers import Decision
from septet.services.limits.events import NearlyReached

LEAST_LIMIT = 10
"""Smaller limits are reached by ordinary use all the time."""
MOST_WAITING = 1000
MOST_AT_ONCE = 100
NOTE_SECONDS = 2 * 86_400


class Near(NamedTuple):
    """A counter that is nearly used up; `user_id` is empty where it is not per user."""

    tenant_id: UUID
    rule: CompiledRule
    user_id: str
    used_percent: int


def nearly_reached(decision: Decision, user_id: str, percent: int) -> list[Near]:
    """The enforced rules of a decision that have used `percent` of their limit. None when Valkey did not decide."""
    if decision.away:
        return []
    return [
        Near(decision.applicable.tenant_id, rule, user_id if rule.per_user else "", used)
        for position, rule in enumerate(decision.applicable.rules)
        if (used := decision.used_percent(position)) >= percent
        and rule.limit >= LEAST_LIMIT
        and not rule.definition.shadow
    ]


class Warner:
    """One per process. `heard` is cheap; `tell` publishes what was heard."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._heard: dict[str, Near] = {}
        self._told: set[str] = set()

    def heard(self, near: Sequence[Near]) -> None:
        """Forgets what is too much at once: who stays near a limit is heard of again."""
        day = self._runtime.clock.now().date().isoformat()
        for each in near:
            note = key(each.tenant_id, "limits", f"near:{each.rule.id.hex}:{day}:{each.user_id}")
            if note not in self._told and len(self._heard) < MOST_WAITING:
                self._heard[note] = each

    async def run(self) -> None:
        """Tell each second, for ever."""
        outages = Outages("warnings of limits")
        while True:
            await asyncio.sleep(1)
            with outages.survived():
                await self.tell()

    async def tell(self) -> None:
        """Raises EngineUnavailable."""
        for note in list(self._heard)[:MOST_AT_ONCE]:
            near = self._heard.pop(note)
            if await self._runtime.valkey.client.set(note, b"1", nx=True, ex=NOTE_SECONDS):
                await self._publish(note, near)
            if len(self._told) >= 100 * MOST_WAITING:
                self._told.clear()
            self._told.add(note)

    async def _publish(self, note: str, near: Near) -> None:
        rule = near.rule
        event = NearlyReached(
            near.tenant_id,
            rule.id,
            rule.definition.name,
            rule.definition.audience,
            near.user_id,
            rule.limit,
            near.used_percent,
        )
        try:
            async with UnitOfWork(self._runtime, system_actor(near.tenant_id)) as uow:
                uow.emit(event)
                await uow.commit()
        except BaseException:
            await self._runtime.valkey.client.delete(note)
            raise
