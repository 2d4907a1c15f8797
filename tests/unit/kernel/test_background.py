"""Work beside a block ends with it, also where a driver's error takes the place of the cancellation."""

import asyncio
from contextlib import suppress

import pytest

from septet.kernel import background
from septet.kernel.background import beside


async def test_a_lost_cancellation_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "REPEAT_SECONDS", 0.01)
    lost = 0

    async def outliving() -> None:
        nonlocal lost
        while True:
            with suppress(ConnectionError):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    lost += 1
                    if lost == 1:
                        raise ConnectionError from None
                    raise

    async with asyncio.timeout(5), beside(outliving()):
        await asyncio.sleep(0)
    assert lost == 2


async def test_the_block_hears_nothing_of_what_failed_beside_it() -> None:
    async def failing() -> None:
        raise ValueError("on purpose")

    async with beside(failing()):
        await asyncio.sleep(0)
