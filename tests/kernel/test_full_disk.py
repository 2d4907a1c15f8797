"""A full disk under all engines: writes are refused with what is wrong, reads go on, nothing acknowledged is lost."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.engines.test_full_disk import fill, small_disk
from tests.kernel.test_outage import Fragile, answers_again, fragile_platform
from tests.platform import Organization, created

pytestmark = pytest.mark.processes
__all__ = ["small_disk"]
MOST_WRITES = 3_000


@pytest.fixture
async def fragile(small_disk: Path) -> AsyncIterator[Fragile]:
    async with fragile_platform(small_disk) as fragile:
        yield fragile


@pytest.mark.parametrize("small_disk", [700], indirect=True)
async def test_writes_are_refused_until_there_is_room_again(fragile: Fragile, small_disk: Path) -> None:
    organization = await fragile.platform.organization()
    project = created(await organization.client.post("/projects", json={"name": "Launch", "key": "OPS"}))["id"]
    kept = [await write(organization, project)]
    ballast = fill(small_disk)
    refusal = None
    for _ in range(MOST_WRITES):
        answer = await organization.client.post(f"/projects/{project}/tasks", json=task())
        if answer.status_code != 201:
            refusal = answer
            break
        kept.append(answer.json()["id"])
    assert refusal is not None, "the disk never became full"
    assert refusal.status_code in (503, 507), refusal.text
    assert refusal.headers["content-type"] == "application/problem+json"
    assert refusal.json()["code"] in ("storage_full", "engine_unavailable")
    assert refusal.status_code == 507 or refusal.headers["retry-after"]
    ballast.unlink()
    if fragile.postgres.pid is None:  # it ends itself when not even its log can grow
        await fragile.postgres.start()
    await answers_again(organization.client, "/readyz")
    async with asyncio.timeout(15):
        while (await organization.client.post(f"/projects/{project}/tasks", json=task())).status_code != 201:
            await asyncio.sleep(0.05)
    for task_id in kept:
        assert (await organization.client.get(f"/tasks/{task_id}")).status_code == 200


async def write(organization: Organization, project: str) -> str:
    return str(created(await organization.client.post(f"/projects/{project}/tasks", json=task()))["id"])


def task() -> dict[str, str]:
    """Random, so that it does not compress."""
    return {"title": "Filler", "description": secrets.token_hex(9_000)}
