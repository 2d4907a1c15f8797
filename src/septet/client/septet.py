"""Septet's API as one object; each part of it is an attribute: `septet.links`, `septet.payments`, …"""

from types import TracebackType
from typing import Any, Self

from septet.client.generated.async_calls import AsyncCalls
from septet.client.generated.calls import Calls
from septet.client.transport import AsyncTransport, Transport


class Septet(Calls):
    """`token`: an API key or a session's; `organization`: which of several a session is for. See `Transport`."""

    def __init__(self, url: str, token: str | None = None, organization: str | None = None, **options: Any) -> None:
        self.transport = Transport(url, token, organization, **options)
        super().__init__(self.transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.close()


class AsyncSeptet(AsyncCalls):
    """The same, awaited."""

    def __init__(self, url: str, token: str | None = None, organization: str | None = None, **options: Any) -> None:
        self.transport = AsyncTransport(url, token, organization, **options)
        super().__init__(self.transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.transport.close()
