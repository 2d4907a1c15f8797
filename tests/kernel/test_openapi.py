"""The document of the API, which takes a second of computing."""

import asyncio
import threading
from typing import Any

import pytest
from tests.platform import Platform


async def test_others_are_served_while_it_is_made(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def describe() -> dict[str, Any]:
        begun.set()
        assert goes_on.wait(10), "nobody else was served"
        return {}

    monkeypatch.setattr(platform.web, "openapi", describe)
    describing = asyncio.create_task(platform.client().get("/openapi.json"))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    assert (await platform.client().get("/healthz")).status_code == 200
    goes_on.set()
    assert (await describing).status_code == 200
