"""HTTP to Septet, awaited or not: credentials, retries with idempotency keys, refusals as exceptions.

async with AsyncTransport("http://127.0.0.1:8000", token) as septet:
    project = await septet.call("POST", "/projects", {"name": "Apollo"})
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from septet.client.retrying import Attempts

Query = Mapping[str, Any]
DEFAULT_PATIENCE_SECONDS = 30.0


class _Settings:
    """`token`: of a session or an API key. `organization`: which of several the user's requests are for."""

    def __init__(self, token: str | None, organization: str | None, patience: float) -> None:
        self.token = token
        self.organization = organization
        self.patience = patience

    def headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        """Who asks, and for which organization."""
        headers = dict(more or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.organization:
            headers["Septet-Organization"] = self.organization
        return headers


def segment(value: str) -> str:
    """A value as one segment of a path (RFC 3986). Raises ValueError for one that would move in the path."""
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} names nothing; an id is expected.")
    return quote(value, safe="")


class AsyncTransport(_Settings):
    """`patience`: for how many seconds a request is tried while Septet is away; then httpx.TransportError is raised."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        organization: str | None = None,
        *,
        patience: float = DEFAULT_PATIENCE_SECONDS,
        timeout: float = 10.0,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(token, organization, patience)
        self.http = http or httpx.AsyncClient(base_url=url, timeout=timeout)

    def acting_as(
        self, token: str | None, organization: str | None = None, *, patience: float | None = None
    ) -> "AsyncTransport":
        """Somebody else on the same connections."""
        chosen = self.patience if patience is None else patience
        return AsyncTransport("", token, organization, patience=chosen, http=self.http)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | str | None = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to a request. Raises Refused."""
        attempts = Attempts(method, self.patience)
        sent = attempts.headers(self.headers(headers))
        while True:
            try:
                response = await self.http.request(
                    method, path, json=json, content=content, params=_given(query), headers=sent
                )
            except httpx.TransportError as error:
                pause = attempts.pause_after(error)
            else:
                pause = attempts.pause_after(response)
                if pause is None:
                    return attempts.answer(response)
            await asyncio.sleep(pause or 0)

    async def call(self, method: str, path: str, json: Any = None, **query: Any) -> Any:
        """The JSON answer to a request; None when there is none. Raises Refused."""
        return _body(await self.request(method, path, json=json, query=query))

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | str | None = None,
        content_type: str | None = None,
        query: Query | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        """What a generated method does: the answer's JSON, else its bytes; None when it is empty. Raises Refused."""
        told = _headers(headers, content_type)
        return _body(await self.request(method, path, json=json, content=content, query=query, headers=told))

    async def every(self, path: str, **query: Any) -> AsyncIterator[Any]:
        """All items of a list, page after page. Raises Refused."""
        cursor: str | None = None
        while True:
            page = await self.call("GET", path, cursor=cursor, **query)
            for item in page["data"]:
                yield item
            if (cursor := page["nextCursor"]) is None:
                return

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Transport(_Settings):
    """`AsyncTransport` without await."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        organization: str | None = None,
        *,
        patience: float = DEFAULT_PATIENCE_SECONDS,
        timeout: float = 10.0,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(token, organization, patience)
        self.http = http or httpx.Client(base_url=url, timeout=timeout)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | str | None = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to a request. Raises Refused."""
        attempts = Attempts(method, self.patience)
        sent = attempts.headers(self.headers(headers))
        while True:
            try:
                response = self.http.request(
                    method, path, json=json, content=content, params=_given(query), headers=sent
                )
            except httpx.TransportError as error:
                pause = attempts.pause_after(error)
            else:
                pause = attempts.pause_after(response)
                if pause is None:
                    return attempts.answer(response)
            time.sleep(pause or 0)

    def call(self, method: str, path: str, json: Any = None, **query: Any) -> Any:
        """The JSON answer to a request; None when there is none. Raises Refused."""
        return _body(self.request(method, path, json=json, query=query))

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | str | None = None,
        content_type: str | None = None,
        query: Query | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        """What a generated method does: the answer's JSON, else its bytes; None when it is empty. Raises Refused."""
        told = _headers(headers, content_type)
        return _body(self.request(method, path, json=json, content=content, query=query, headers=told))

    def every(self, path: str, **query: Any) -> Iterator[Any]:
        """All items of a list, page after page. Raises Refused."""
        cursor: str | None = None
        while True:
            page = self.call("GET", path, cursor=cursor, **query)
            yield from page["data"]
            if (cursor := page["nextCursor"]) is None:
                return

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _given(query: Query | None) -> dict[str, Any]:
    return {name: value for name, value in (query or {}).items() if value is not None}


def _headers(given: Mapping[str, str | None] | None, content_type: str | None) -> dict[str, str]:
    told = {name: value for name, value in (given or {}).items() if value is not None}
    return told | ({"Content-Type": content_type} if content_type else {})


def _body(response: httpx.Response) -> Any:
    if not response.content:
        return None
    return response.json() if "json" in response.headers.get("content-type", "") else response.content
