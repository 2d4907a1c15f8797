"""Many callers, several runtimes, one Valkey: exactly the allowed number. And the same on a cluster of three."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from redis.crc import key_slot
from tests.platform import Platform
from tests.services.limits.conftest import Limited
from tests.unit.kernel.test_pipeline_cluster import Cluster

from septet.app import make_runtime
from septet.kernel.pipeline import Pipeline
from septet.services.limits.algorithms import compile_rule
from septet.services.limits.answers import Decision
from septet.services.limits.gate import SCRIPT, Ask, script_call
from septet.services.limits.limiter import Limiter, limiter_of
from septet.services.limits.ruleset import Applicable
from septet.services.limits.schemas import CheckIn, RuleIn

RUNTIMES, CALLERS, CHECKS_EACH, LIMIT, CROWD = 5, 200, 8, 1000, 40_000


@pytest.fixture
async def limiters(platform: Platform) -> AsyncIterator[list[Limiter]]:
    """Five as in five processes: caches, circuit and connection of their own."""
    async with AsyncExitStack() as stack:
        yield [
            limiter_of(await stack.enter_async_context(make_runtime(platform.runtime.settings).open()))
            for _ in range(RUNTIMES)
        ]


@pytest.mark.parametrize("algorithm", ["token_bucket", "gcra", "fixed_window", "sliding_window", "exact"])
async def test_exactly_the_limit(limited: Limited, limiters: list[Limiter], algorithm: str) -> None:
    fields = {"algorithm": "sliding_window", "exact": True} if algorithm == "exact" else {"algorithm": algorithm}
    await limited.rule(
        **fields, limit=LIMIT, windowMs=300 * 86_400_000 if algorithm != "sliding_window" else 86_400_000
    )
    for limiter in limiters:
        await limiter.rules_of(limited.key)

    async def call(number: int) -> int:
        limiter = limiters[number % RUNTIMES]
        rules = await limiter.rules_of(limited.key)
        decisions = [await limiter.decide_for(rules, "/a", f"u{number}") for _ in range(CHECKS_EACH)]
        assert not any(decision.away for decision in decisions), "Valkey was too slow for this to prove anything"
        return sum(decision.allowed for decision in decisions)

    assert sum(await asyncio.gather(*[call(number) for number in range(CALLERS)])) == LIMIT


async def test_a_crowd_is_not_taken_for_an_outage(platform: Platform, limited: Limited) -> None:
    """As many checks at once as Valkey needs longer for than its patience: they wait for their turn, in order."""
    await limited.rule(limit=LIMIT, algorithm="fixed_window", windowMs=300 * 86_400_000)
    limiter = limiter_of(platform.runtime)
    rules = await limiter.rules_of(limited.key)
    decisions: list[Decision] = []
    everyone = asyncio.Event()

    def decided(decision: Decision) -> None:
        decisions.append(decision)
        if len(decisions) == CROWD:
            everyone.set()

    for _ in range(CROWD):
        limiter.decide_now(rules, decided, "/a", "u")
    await everyone.wait()
    assert not any(decision.away for decision in decisions)
    assert [decision.allowed for decision in decisions] == [True] * LIMIT + [False] * (CROWD - LIMIT)


async def test_a_change_reaches_every_process_within_a_second(limited: Limited, limiters: list[Limiter]) -> None:
    rule = await limited.rule(limit=1)
    for limiter in limiters:
        await limiter.decide(CheckIn(api_key=limited.key, route="/a", user_id="u"))
    await limited.change(rule, limit=7)
    async with asyncio.timeout(1):
        for limiter in limiters:
            while (await limiter.rules_of(limited.key)).applicable("/a", None, "u", None).rules[0].limit != 7:
                await asyncio.sleep(0.005)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(tmp_path)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


async def test_one_slot_a_tenant_on_a_real_cluster(cluster: Cluster) -> None:
    pipeline = Pipeline(cluster.url)
    await pipeline.start()
    try:
        script = pipeline.script(SCRIPT)
        slots = set()
        for _ in range(12):
            tenant = uuid4()
            shared = {"route": "/a", "limit": 5, "windowMs": 86_400_000}
            scopes = (("tenant", "gcra"), ("route", "sliding_window"), ("user", "fixed_window"))
            definitions = [
                RuleIn.model_validate({"name": scope, "scope": scope, "algorithm": algorithm, **shared})
                for scope, algorithm in scopes
            ]
            applicable = Applicable(tenant, [compile_rule(tenant, uuid4(), definition) for definition in definitions])
            user = "user {with} braces"
            keys = applicable.keys(user)
            assert len({key_slot(key) for key in keys}) == 1
            slots.add(key_slot(keys[0]))
            asks = [Ask(applicable, user, 1, print) for _ in range(7)]
            reply = await pipeline.call(*script_call(script, asks, 1_800_000_000_000))
            assert [reply[position] == 0 for position in range(0, len(reply), 9)] == [True] * 5 + [False] * 2
        assert len({cluster.owner(slot) for slot in slots}) > 1, "several primaries took part"
    finally:
        await pipeline.close()
