"""What tests of logs share: sending lines and waiting until they can be read."""

import asyncio
import json
from typing import Any

import httpx


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
