"""Nobody reaches another organization's data: generated over every operation of every service.

The same requests run twice: with row-level security, and without any policy, where the filters of each query are all
there is. The twin in SQL (`test_row_security`) holds with the policies alone.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from tests.architecture.foreign import ForeignValues, Operation, operations, rows_of, tables
from tests.architecture.seeds import SECRET, seeds
from tests.conftest import fresh_settings
from tests.engines_of_run import owner_url
from tests.platform import Organization, Platform, running_platform
from tests.services.tenancy.people import member

LONGEST_ANSWER_SECONDS = 20
OWN_BUSINESS = ("/auth/", "/me", "/clock/")
"""Operations on the caller's own account; they carry no id of an organization and some end the session in use."""

OPEN_TO_ANYBODY = ("/links/{link_id}/report",)
"""Operations that need no account and are meant for strangers."""

THE_SAME_FOR_ALL = ("/", "/healthz", "/ready", "/readyz", "/metrics")


@pytest.fixture(params=["policies and filters", "filters alone"])
async def guarded_platform(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> AsyncIterator[Platform]:
    """A platform of this test's own, once with row-level security and once without."""
    name = f"septet_{worker_id}_{'policies' if request.param.startswith('policies') else 'filters'}"
    async with fresh_settings(tmp_path, name) as settings:
        if request.param == "filters alone":
            await drop_policies(str(settings.postgres_url))
        async with running_platform(settings) as platform:
            yield platform


async def drop_policies(app_url: str, *only: str) -> None:
    """Take row-level security off all tables, or off those named."""
    connection = await asyncpg.connect(owner_url(app_url))
    try:
        guarded = await connection.fetch("SELECT oid::regclass::text AS name FROM pg_class WHERE relrowsecurity")
        for row in guarded:
            if not only or row["name"] in only:
                await connection.execute(f"ALTER TABLE {row['name']} DISABLE ROW LEVEL SECURITY")
    finally:
        await connection.close()


async def test_no_operation_reaches_another_organization(guarded_platform: Platform) -> None:
    platform = guarded_platform
    intruder = await platform.organization("Intruder")
    clients = await callers(platform, intruder)
    if "filters" in platform.runtime.postgres.url:  # without policies, whoever may do most finds what is unfiltered
        clients = {role: clients[role] for role in ("OWNER", "API key")}
    document = (await platform.client().get("/openapi.json")).json()
    alone = await own_answers(clients["OWNER"], document)

    victim = await platform.organization("Victim")
    for seed in seeds().values():
        await seed(platform, victim)
    before = await rows_of(platform, victim.id)
    values = ForeignValues(victim.id, before, document)

    trouble = [f"{path} changed" for path, answer in (await own_answers(clients["OWNER"], document)).items()
               if path in alone and answer != alone[path]]  # fmt: skip
    for operation in operations(document):
        if operation.path.startswith(OWN_BUSINESS) or operation.path in OPEN_TO_ANYBODY or operation.streams:
            continue
        for role, client in clients.items():
            trouble += await attempt(client, operation, values, role)
    trouble += await with_the_victims_header(clients["OWNER"], victim.id, document)
    assert not trouble, "\n".join(trouble)
    after = await rows_of(platform, victim.id)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert after == before, "another organization changed the victim's rows"


async def callers(platform: Platform, organization: Organization) -> dict[str, httpx.AsyncClient]:
    """Somebody of each role, and an API key that may do everything."""
    people = {role: (await member(platform, organization, role)).client for role in ("MEMBER", "ADMIN", "OWNER")}
    return people | {"API key": await platform.api_client(organization)}


async def own_answers(client: httpx.AsyncClient, document: dict[str, object]) -> dict[str, str]:
    """What one's own lists say; another organization must not move them."""
    answers = {}
    for operation in operations(document):
        plain = operation.method == "get" and not operation.parameters and not operation.streams
        if plain and not operation.path.startswith(OWN_BUSINESS):
            answer = await ask(client, operation, operation.path)
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
    known = {i for i in values.ids() if i in path or i in json.dumps(body)}  # an echo of what was asked is no leak
    trouble = []
    if leaked := [i for i in values.ids() - known if i in answer.text]:
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


async def with_the_victims_header(client: httpx.AsyncClient, victim: UUID, document: dict[str, object]) -> list[str]:
    """Naming an organization to which one does not belong is refused on every operation."""
    trouble = []
    for operation in operations(document):
        if operation.path.startswith(OWN_BUSINESS) or operation.path in THE_SAME_FOR_ALL:
            continue
        path = operation.path
        for name in operation.parameters:
            path = path.replace(f"{{{name}}}", str(victim))
        answer = await ask(client, operation, path, headers={"Septet-Organization": str(victim)})
        if not answer.is_client_error:
            trouble.append(f"{operation} with the victim's header → {answer.status_code}: {answer.text[:100]}")
    return trouble


async def test_seeds_leave_a_row_in_every_table(own_platform: Platform) -> None:
    victim = await own_platform.organization("Victim")
    for seed in seeds().values():
        await seed(own_platform, victim)
    rows = await rows_of(own_platform, victim.id)
    empty = [t.name for t in await tables(own_platform) if not rows[t.name] and t.name.partition(".")[0] in seeds()]
    assert not empty, "tests/architecture/seeds leaves these without a row, so nothing proves that they are guarded"
    if missing := {t.name.partition(".")[0] for t in await tables(own_platform)} - seeds().keys() - {"kernel"}:
        pytest.skip(f"no seed yet for {', '.join(sorted(missing))}")
