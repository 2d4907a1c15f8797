"""A dead engine ends the waiting; a process that was held up itself proves nothing about the engine."""

import asyncio
import time

import pytest

from septet.kernel.watchdog import Watchdog, answered_within

PATIENCE = 0.05


async def test_a_silent_engine_ends_the_waiting() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with Watchdog(never, PATIENCE).watched():
            await asyncio.Event().wait()
    assert 2 * PATIENCE <= time.monotonic() - began < 20 * PATIENCE


async def test_a_refusing_engine_ends_the_waiting() -> None:
    async def refuse() -> None:
        raise ConnectionRefusedError

    with pytest.raises(TimeoutError):
        async with Watchdog(refuse, PATIENCE).watched():
            await asyncio.Event().wait()


async def test_an_engine_is_not_blamed_for_a_process_that_was_held_up() -> None:
    """Its answer was there long ago; it is only read after the time for it is over."""
    answered = asyncio.Event()

    async def ping() -> None:
        asyncio.get_running_loop().call_soon(time.sleep, 3 * PATIENCE)
        await asyncio.sleep(PATIENCE / 2)
        await asyncio.sleep(0)
        answered.set()

    async with asyncio.timeout(5), Watchdog(ping, PATIENCE).watched():
        for _ in range(3):
            await answered.wait()
            answered.clear()


async def test_after_it_was_held_up_a_process_has_time_to_read_what_came() -> None:
    async with answered_within(2 * PATIENCE):
        time.sleep(6 * PATIENCE)  # noqa: ASYNC251 - it is what this is about
        for _ in range(8):
            await asyncio.sleep(0)


async def test_silence_is_no_answer() -> None:
    with pytest.raises(TimeoutError):
        async with answered_within(PATIENCE):
            await asyncio.Event().wait()
