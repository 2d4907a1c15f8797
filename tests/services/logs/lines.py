"""What tests of logs share: sending lines and waiting until they can be read."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
from tests.platform import Organization, Platform

from septet.kernel.clock import Clock
from septet.services.logs.codecs import deflate
from septet.services.logs.ingest import new_request_id
from septet.services.logs.policy import Policy
from septet.services.logs.queue import Entry


async def send(client: httpx.AsyncClient, *documents: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Send JSON documents; the answer."""
    body = "\n".join(json.dumps(document) for document in documents)
    return await send_bytes(client, body.encode(), "application/x-ndjson", **options)


async def send_text(client: httpx.AsyncClient, *lines: str, **options: Any) -> dict[str, Any]:
    return await send_bytes(client, "\n".join(lines).encode(), "text/plain", **options)


async def send_bytes(client: httpx.AsyncClient, body: bytes, content_type: str, **options: Any) -> dict[str, Any]:
    headers = {"Content-Type": content_type, **options.pop("headers", {})}
    answer = await client.post("/logs", content=body, headers=headers, **options)
    assert answer.status_code == 202, answer.text
    taken: dict[str, Any] = answer.json()
    return taken


async def stored(client: httpx.AsyncClient, count: int, **parameters: Any) -> list[dict[str, Any]]:
    """The lines that match, oldest first, once there are `count` of them; raises TimeoutError."""
    async with asyncio.timeout(20):
        while len(found := await search(client, order="oldest", limit=1000, **parameters)) < count:
            await asyncio.sleep(0.05)
    assert len(found) == count, f"{len(found)} lines instead of {count}"
    return found


async def search(client: httpx.AsyncClient, **parameters: Any) -> list[dict[str, Any]]:
    answer = await client.get("/logs", params=parameters)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def bury(platform: Platform, organization: Organization, text: str) -> None:
    """Leave a dead letter with one line of text."""
    await platform.runtime.valkey.client.xadd(*dead_letter(organization.id, text, platform.runtime.clock))


def dead_letter(tenant: UUID, text: str, clock: Clock) -> tuple[str, dict[Any, Any]]:
    """The stream in which it is kept, and its fields there."""
    body = text.encode()
    entry = Entry(tenant, new_request_id(clock), "web", "text", "zstd", 1, len(body), deflate(body), Policy(30))
    fields = ["fault", "made for a test", *entry.fields()]
    return f"septet:{{logs}}:queue:dead:{tenant}", dict(zip(fields[::2], fields[1::2], strict=True))
