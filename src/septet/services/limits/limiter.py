"""The limiter of one process: rules in memory, counters in Valkey, decisions on their way to ClickHouse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from septet.kernel.background import beside
from septet.kernel.errors import Forbidden
from septet.kernel.identity import scopes_cover
from septet.kernel.runtime import Runtime
from septet.services.limits.answers import Decision
from septet.services.limits.gate import Ask, Gate
from septet.services.limits.nearness import Warner
from septet.services.limits.permissions import CHECK
from septet.services.limits.recorder import Recorder
from septet.services.limits.ruleset import Ruleset
from septet.services.limits.rulesets import Rulesets
from septet.services.limits.schemas import Audience, CheckIn
from septet.services.limits.settings import LimitsSettings


class Limiter:
    """`decide_now` never waits; `decide` asks for the key and the rules where this process does not know them yet."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.service_settings(LimitsSettings)
        self.runtime = runtime
        self.rulesets = Rulesets(runtime)
        self.warner = Warner(runtime)
        self.recorder = Recorder(
            runtime.clickhouse,
            runtime.clock,
            most_series=settings.recorded_series,
            warn_percent=settings.warn_percent,
            on_near=self.warner.heard,
        )
        self.gate = Gate(
            runtime.pipeline,
            runtime.clock,
            patience=settings.patience_ms / 1000,
            processes=max(1, runtime.settings.web_processes),
            record=self.recorder.record,
        )

    def known(self, api_key: str) -> Ruleset | None:
        """The rules behind a key, None when key or rules have to be asked for. Raises Forbidden."""
        identity = self.runtime.api_keys.find(api_key)
        if identity is None:
            return None
        require_check(identity.scopes)
        return self.rulesets.find(identity.tenant_id)

    async def rules_of(self, api_key: str) -> Ruleset:
        """The rules behind a key. Raises Unauthenticated, Forbidden, EngineUnavailable."""
        identity = await self.runtime.api_keys.verify(api_key)
        require_check(identity.scopes)
        return await self.rulesets.get(identity.tenant_id)

    def decide_now(
        self,
        rules: Ruleset,
        callback: Callable[[Decision], None],
        route: str,
        user_id: str,
        cost: int = 1,
        method: str | None = None,
        plan: str | None = None,
        audience: Audience = "application",
    ) -> None:
        """Decide by these rules; `callback` gets the decision, at the latest when Valkey's patience ends."""
        applicable = rules.applicable(route, method, user_id, plan, audience)
        self.gate.submit(Ask(applicable, user_id, cost, callback))

    async def decide(self, check: CheckIn) -> Decision:
        """Raises Unauthenticated, Forbidden, EngineUnavailable (PostgreSQL's, when key or rules are not known)."""
        rules = await self.rules_of(check.api_key)
        return await self.decide_for(rules, check.route, check.user_id, check.cost, check.method, check.plan)

    async def decide_for(
        self,
        rules: Ruleset,
        route: str,
        user_id: str,
        cost: int = 1,
        method: str | None = None,
        plan: str | None = None,
        audience: Audience = "application",
    ) -> Decision:
        """Like `decide_now`, to await."""
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()

        def settle(decision: Decision) -> None:
            if not future.done():
                future.set_result(decision)

        self.decide_now(rules, settle, route, user_id, cost, method, plan, audience)
        return await future


def require_check(scopes: frozenset[str]) -> None:
    """Raises Forbidden."""
    if not scopes_cover(scopes, CHECK.scope):
        raise Forbidden(f"This API key needs the scope `{CHECK.scope}`.", requiredScope=CHECK.scope)


def limiter_of(runtime: Runtime) -> Limiter:
    """The process's limiter."""
    return runtime.shared(Limiter)


@asynccontextmanager
async def limiting(runtime: Runtime) -> AsyncIterator[None]:
    """Record decisions and warn for as long as the process lives; at the end, write the rest."""
    limiter = limiter_of(runtime)
    try:
        async with beside(limiter.recorder.run(), limiter.warner.run()):
            yield
    finally:
        await asyncio.gather(limiter.recorder.flush(), return_exceptions=True)
