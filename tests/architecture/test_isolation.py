"""Nobody reaches another organization's data: generated over every operation of every service.

The same requests run twice: with row-level security, and without any policy, where the filters of each query are all
there is. The twin in SQL (`test_row_security`) holds with the policies alone.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from tests.architecture.foreign import ForeignValues, operations, rows_of, tables
from tests.architecture.intruders import OWN_BUSINESS, ask, attempts_of_all, callers, in_both, own_answers
from tests.architecture.policies import drop_policies
from tests.architecture.seeds import seeds
from tests.conftest import fresh_settings
from tests.platform import Platform, running_platform

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

    clients["MEMBER, and OWNER there"] = await in_both(platform, intruder, victim)  # one more seat in either
    before = await rows_of(platform, victim.id)
    for operation in operations(document):
        if operation.path in OPEN_TO_ANYBODY:
            continue
        trouble += await attempts_of_all(clients, operation, values)
    trouble += await with_the_victims_header(clients["OWNER"], victim.id, document)
    assert not trouble, "\n".join(trouble)
    after = await rows_of(platform, victim.id)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert after == before, "another organization changed the victim's rows"


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
