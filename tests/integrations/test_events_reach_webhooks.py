"""Every public event of every service can be subscribed to, and `GET /event-types` says what it looks like."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from tests.platform import Organization, Platform, created
from tests.services.notifications.conftest import platform_with
from tests.serving import served

from septet.kernel.events import EVENT_TYPES


async def test_the_catalogue_has_every_public_event_with_an_example(organization: Organization) -> None:
    listed = (await organization.client.get("/event-types?limit=200")).json()["data"]
    described = {each["type"]: each for each in listed}
    public = {event.name for event in EVENT_TYPES.values() if event.public}
    assert public <= described.keys()
    for name, event_type in described.items():  # the notifications' own among them, which are not for other services
        assert event_type["description"], name
        assert event_type["example"], name
    assert {name.partition(".")[0] for name in described} >= {
        "tenancy", "chat", "notification", "payments", "links", "logs", "limits",
    }  # fmt: skip


@pytest.fixture
async def calling(tmp_path: Path, worker_id: str) -> AsyncIterator[Platform]:
    """A platform that may call this machine."""
    async with platform_with(tmp_path, f"septet_calling_{worker_id}", webhook_allow_private="true") as platform:
        yield platform


async def test_events_of_several_services_arrive_at_one_endpoint(calling: Platform) -> None:
    organization = await calling.organization()
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    receiver = FastAPI()

    @receiver.post("/")
    async def take(request: Request) -> None:
        await received.put(await request.json())

    async with served(receiver) as url:
        body = {"url": f"{url}/", "events": ["tenancy.*", "limits.*", "links.*"]}
        created(await organization.client.post("/webhook-endpoints", json=body))
        created(await organization.client.post("/projects", json={"name": "Apollo"}))
        rule = {"name": "R", "scope": "tenant", "algorithm": "gcra", "limit": 5, "windowMs": 1000}
        created(await organization.client.post("/limits/rules", json=rule))
        created(await organization.client.post("/api-keys", json={"name": "k", "scopes": ["*"]}))
        project = (await organization.client.get("/projects")).json()["data"][0]
        created(await organization.client.post(f"/projects/{project['id']}/tasks", json={"title": "T"}))
        seen: set[str] = set()
        async with asyncio.timeout(20):
            while not {"tenancy.task_created", "limits.rules_changed"} <= seen:
                seen.add((await received.get())["type"])
