"""The document of the API, which takes a second of computing: refusals in it, and others served meanwhile."""

import asyncio
import json
import re
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


async def test_refusals_are_problem_documents_and_every_schema_is_there(platform: Platform) -> None:
    document = platform.web.openapi()
    conflict = document["paths"]["/projects"]["post"]["responses"]["409"]["content"]
    assert conflict == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named <= document["components"]["schemas"].keys()
    assert {"code", "detail"} <= document["components"]["schemas"]["ProblemOut"]["properties"].keys()
