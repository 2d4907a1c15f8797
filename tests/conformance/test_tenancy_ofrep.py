"""Feature flags through the unmodified OpenFeature SDK and its OFREP provider, over real HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason
from tests.platform import Organization, Platform

from septet.app import web_application


@pytest.fixture
async def client(platform: Platform, organization: Organization) -> AsyncIterator[Any]:
    """An OpenFeature client whose provider asks the platform over a loopback port."""
    for key, flag in {
        "boolean": {"value": True, "offValue": False},
        "text": {"value": "new", "offValue": "old"},
        "number": {"value": 42, "offValue": 1},
        "ratio": {"value": 0.5, "offValue": 0.25},
        "object": {"value": {"colour": "green"}, "offValue": {}},
        "some": {"value": True, "offValue": False, "percentage": 0},
        "off": {"value": True, "offValue": False, "enabled": False},
    }.items():
        assert (await organization.client.put(f"/features/{key}", json=flag)).status_code == 200
    assert (await organization.client.put("/features/some/users/ada", json={"value": True})).status_code == 204
    key = await platform.api_key(organization, "tenancy:read")
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(web_application(platform.runtime), log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve([listening]))
    headers = {"Authorization": f"Bearer {key}"}
    provider = OFREPProvider(f"http://127.0.0.1:{listening.getsockname()[1]}", headers_factory=lambda: headers)
    await asyncio.to_thread(api.set_provider, provider)
    yield api.get_client()
    server.should_exit = True
    await task


async def asked(method: Any, *arguments: Any) -> FlagEvaluationDetails[Any]:
    """The SDK is synchronous; the server shares this event loop."""
    details: FlagEvaluationDetails[Any] = await asyncio.to_thread(method, *arguments)
    return details


async def test_values_of_every_type(client: Any) -> None:
    for method, key, default, expected in (
        (client.get_boolean_details, "boolean", False, True),
        (client.get_string_details, "text", "", "new"),
        (client.get_integer_details, "number", 0, 42),
        (client.get_float_details, "ratio", 0.0, 0.5),
        (client.get_object_details, "object", {}, {"colour": "green"}),
        (client.get_integer_details, "projects", 0, 200),
    ):
        details = await asked(method, key, default)
        assert (details.value, details.reason, details.error_code) == (expected, Reason.STATIC, None), key
        assert details.flag_metadata["because"]


async def test_context_chooses_the_user(client: Any) -> None:
    ada, bob = EvaluationContext("ada", {"country": "PL"}), EvaluationContext("bob")
    mine = await asked(client.get_boolean_details, "some", False, ada)
    assert (mine.value, mine.reason, mine.variant) == (True, Reason.TARGETING_MATCH, "own")
    theirs = await asked(client.get_boolean_details, "some", True, bob)
    assert (theirs.value, theirs.reason) == (False, Reason.SPLIT)
    assert (await asked(client.get_boolean_details, "off", True)).reason == Reason.DISABLED


async def test_errors_are_understood(client: Any) -> None:
    missing = await asked(client.get_boolean_details, "unknown", True)
    assert (missing.value, missing.error_code) == (True, ErrorCode.FLAG_NOT_FOUND)
    wrong = await asked(client.get_boolean_details, "text", True)
    assert (wrong.value, wrong.error_code) == (True, ErrorCode.TYPE_MISMATCH)
