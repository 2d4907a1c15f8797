"""Valkey away, frozen, and back: each rule's `onFailure`, answered at once, and charged afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import fresh_settings
from tests.platform import Platform, running_platform
from tests.services.limits.conftest import Limited, limited_on

from septet.engines.valkey import ValkeyEngine
from septet.services.limits.answers import Decision
from septet.services.limits.limiter import limiter_of


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[ValkeyEngine]:
    engine = ValkeyEngine(tmp_path / "killed")
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def fragile(tmp_path: Path, worker_id: str, valkey: ValkeyEngine) -> AsyncIterator[Platform]:
    """A platform whose Valkey a test may stop."""
    async with (
        fresh_settings(tmp_path, f"limits_outage_{worker_id}") as settings,
        running_platform(settings.model_copy(update={"valkey_url": valkey.url})) as platform,
    ):
        yield platform


async def answering(limited: Limited, platform: Platform, *, away: bool) -> None:
    """Wait until decisions are made without Valkey, or with it again."""
    async with asyncio.timeout(10):
        while limiter_of(platform.runtime).gate.circuit_open or platform.runtime.pipeline.healthy is away:
            await asyncio.sleep(0.01)


async def three_rules(limited: Limited) -> None:
    for policy in ("open", "closed", "local"):
        await limited.rule(name=policy, scope="route", route=f"/{policy}", limit=10, onFailure=policy)


async def test_killed_and_back(fragile: Platform, valkey: ValkeyEngine) -> None:
    limited = await limited_on(fragile)
    await three_rules(limited)
    for route in ("/open", "/closed", "/local"):
        assert (await limited.check(route))["remaining"] == 9
    await valkey.stop()
    await answering(limited, fragile, away=True)
    assert await limited.allowed(20, route="/open") == 20
    assert await limited.allowed(3, route="/closed") == 0
    denied = await limited.check("/closed")
    assert "onFailure is closed" in denied["reason"] and denied["retryAfterMs"] > 0
    assert await limited.allowed(30, route="/local") == 10, "one process's share of 10 is 10"
    await valkey.start()
    await answering(limited, fragile, away=False)
    assert (await limited.check("/closed"))["remaining"] == 8
    async with asyncio.timeout(5):
        while (await limited.check("/local", cost=0))["remaining"] != 0:
            await asyncio.sleep(0.01)
    assert not (await limited.check("/open"))["allowed"], "what was allowed meanwhile has been charged"


async def frozen(platform: Platform, milliseconds: int) -> None:
    await platform.runtime.pipeline.call(b"CLIENT", b"PAUSE", milliseconds, b"ALL")


async def test_frozen_valkey_is_waited_for_once(fragile: Platform) -> None:
    """The first check waits for `patience`, all others are decided at once; late replies charge nothing twice."""
    limited = await limited_on(fragile)
    await limited.rule(limit=1000, onFailure="local", windowMs=3_600_000)
    await limited.check()
    limiter = limiter_of(fragile.runtime)
    rules = await limiter.rules_of(limited.key)
    await frozen(fragile, 900)
    waited = 0
    for _ in range(200):
        decided = asyncio.Event()
        decisions: list[Decision] = []

        def decide(decision: Decision, decided: asyncio.Event = decided, found: list[Decision] = decisions) -> None:
            found.append(decision)
            decided.set()

        limiter.decide_now(rules, decide, "/a", "u")
        waited += not decided.is_set()
        await decided.wait()
        assert decisions[0].allowed and decisions[0].away
    assert waited == 1
    await answering(limited, fragile, away=False)
    async with asyncio.timeout(5):
        while (await limited.check(cost=0))["remaining"] > 799:
            await asyncio.sleep(0.01)
    assert (await limited.check(cost=0))["remaining"] in (799, 800)  # some came back meanwhile


async def test_what_a_late_reply_took_from_a_denied_caller_is_given_back(fragile: Platform) -> None:
    limited = await limited_on(fragile)
    await limited.rule(algorithm="fixed_window", windowMs=300 * 86_400_000, limit=10, onFailure="closed")
    assert (await limited.check())["remaining"] == 9
    await frozen(fragile, 600)
    assert not (await limited.check(cost=5))["allowed"]
    await answering(limited, fragile, away=False)
    async with asyncio.timeout(5):
        while (await limited.check(cost=0))["remaining"] != 9:
            await asyncio.sleep(0.01)
