"""People of another organization, and what they try: every operation of the OpenAPI document with the victim's ids."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.architecture.foreign import ForeignValues, Operation, operations
from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform
from tests.services.tenancy.people import join, member

LONGEST_ANSWER_SECONDS = 20
_STARTED = datetime.now(UTC)
SAME_PERIOD = {"from": _STARTED.isoformat(), "to": (_STARTED + timedelta(days=1)).isoformat()}
OF_A_PERIOD = ("/limits/stats", "/limits/top")
"""What counts up to now when nothing else is said: two answers are only alike for one and the same period."""
OWN_BUSINESS = ("/auth/", "/me", "/clock/")
"""Operations on the caller's own account; they carry no id of an organization and some end the session in use."""


async def callers(platform: Platform, organization: Organization) -> dict[str, httpx.AsyncClient]:
    """Somebody of each role, and an API key that may do everything."""
    people = {role: (await member(platform, organization, role)).client for role in ("MEMBER", "ADMIN", "OWNER")}
    return people | {"API key": await platform.api_client(organization)}


async def in_both(platform: Platform, organization: Organization, victim: Organization) -> httpx.AsyncClient:
    """Somebody who owns the victim too, but acts in this organization as a member: nothing may come across."""
    person = await platform.person()
    await join(platform, victim.id, person, "OWNER")
    return (await join(platform, organization.id, person)).client


async def own_answers(client: httpx.AsyncClient, document: dict[str, object]) -> dict[str, str]:
    """What one's own lists say; another organization must not move them."""
    answers = {}
    for operation in operations(document):
        plain = operation.method == "get" and not operation.parameters and not operation.streams
        if plain and not operation.path.startswith(OWN_BUSINESS):
            asked = {"params": SAME_PERIOD} if operation.path in OF_A_PERIOD else {}
            answer = await ask(client, operation, operation.path, **asked)
            if answer.headers.get("content-type", "").startswith("application/json") and operation.path != "/metrics":
                answers[operation.path] = answer.text
    return answers


async def ask(client: httpx.AsyncClient, operation: Operation, path: str, **sent: Any) -> httpx.Response:
    """One request. An answer that does not end would hold up all others: such an operation declares that it streams."""
    try:
        async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
            return await client.request(operation.method, path, **sent)
    except TimeoutError:
        pytest.fail(f"{operation} does not end; declare `text/event-stream` among its responses")


async def attempts_of_all(
    clients: dict[str, httpx.AsyncClient], operation: Operation, values: ForeignValues
) -> list[str]:
    """One operation by each of them at once: what went wrong, as sentences."""
    if operation.path.startswith(OWN_BUSINESS) or operation.streams:
        return []
    trying = [
        attempt(client, operation, values, role)
        for role, client in clients.items()
        if not ("there" in role and operation.path.startswith("/organizations"))  # that one may see both
    ]
    return [sentence for sentences in await asyncio.gather(*trying) for sentence in sentences]


async def attempt(client: httpx.AsyncClient, operation: Operation, values: ForeignValues, role: str) -> list[str]:
    """One operation with the victim's ids: what went wrong, as sentences."""
    path, sent = operation.path, set()
    for name in operation.parameters:
        value = values.parameter(name)
        sent.add(value)
        path = path.replace(f"{{{name}}}", value)
    body = values.body(operation.body)
    answer = await ask(client, operation, path, json=body)
    said = f"{role}: {operation} → {answer.status_code}"
    asked = f"{path} {json.dumps(body)}"
    known = {i for i in values.ids if i in asked}  # an echo of what was asked is no leak
    trouble = []
    if leaked := [i for i in values.ids - known if i in answer.text]:
        trouble.append(f"{said} leaks {leaked}")
    if SECRET in answer.text and not any(SECRET in value for value in sent):
        trouble.append(f"{said} leaks what it says: {answer.text[:200]}")
    if operation.parameters and answer.is_success and not creates_own(operation):
        trouble.append(f"{said} succeeds with foreign ids: {answer.text[:200]}")
    if answer.status_code >= 500 and "provider_unavailable" not in answer.text:  # no provider runs in this test
        trouble.append(f"{said}: {answer.text[:200]}")
    return trouble


def creates_own(operation: Operation) -> bool:
    """A name that is free in each organization (a flag's key) may well be put by anybody in their own."""
    return not any(name.endswith("_id") for name in operation.parameters)
