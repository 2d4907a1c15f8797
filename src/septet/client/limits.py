"""Ask Septet's limiter from an application of your own: one check at a time, from quota taken ahead, or per request.

async with LimitsClient("http://127.0.0.1:8000", "sk_…") as limits:
    decision = await limits.check("/orders", "ada")
    leased = LeasedQuota(limits, "/orders", "ada", ahead=500)
    if await leased.take():
        ...
    await leased.give_back()
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
Send = Callable[[Any], Awaitable[None]]
HEADERS_PASSED_ON = ("ratelimit-policy", "ratelimit", "retry-after")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the limiter said. Milliseconds; None where no rule applies, or where waiting would not help."""

    allowed: bool
    limit: int | None
    remaining: int | None
    reset_after_ms: int | None
    retry_after_ms: int | None
    rule: str | None
    reason: str
    headers: Mapping[str, str]


class LimitsClient:
    """`api_key` needs the scope `limits:check`. Methods raise httpx.HTTPError when Septet cannot be asked."""

    def __init__(self, url: str, api_key: str, *, timeout: float = 1.0, http: httpx.AsyncClient | None = None) -> None:
        self._http = http or httpx.AsyncClient(base_url=url, timeout=timeout)
        self._api_key = api_key

    async def check(
        self, route: str, user_id: str, *, cost: int = 1, method: str | None = None, plan: str | None = None
    ) -> Decision:
        """Take `cost`, all or nothing; 0 only looks, below 0 gives back."""
        body = {"apiKey": self._api_key, "route": route, "userId": user_id, "cost": cost}
        body |= {name: value for name, value in (("method", method), ("plan", plan)) if value is not None}
        answer = await self._http.post("/check", json=body)
        answer.raise_for_status()
        found = answer.json()
        headers = {name: answer.headers[name] for name in HEADERS_PASSED_ON if name in answer.headers}
        return Decision(
            found["allowed"],
            found["limit"],
            found["remaining"],
            found["resetAfterMs"],
            found.get("retryAfterMs"),
            found["rule"],
            found["reason"],
            headers,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class LeasedQuota:
    """Decides in process, from quota that was taken from the limit before: never more is admitted than was taken.

    `ahead`: how much to take at a time; when that is more than is left, half is tried, and so on down to what is asked
    for. `seconds`: how long quota may wait before it is given up, so that it is not spent in a later window than it
    was taken from by more than that. What is given up without `give_back` is lost to the user until the limit's reset.
    """

    def __init__(
        self, client: LimitsClient, route: str, user_id: str, *, ahead: int = 100, seconds: float = 1.0
    ) -> None:
        self._client = client
        self._route, self._user_id = route, user_id
        self._ahead, self._seconds = ahead, seconds
        self._left = 0
        self._until = 0.0
        self._refilling = asyncio.Lock()
        self.denial: Decision | None = None

    def take_now(self, cost: int = 1) -> bool:
        """Decide from what is at hand, without asking; False also means that it is time to `take`."""
        if self._left < cost or time.monotonic() > self._until:
            return False
        self._left -= cost
        return True

    async def take(self, cost: int = 1) -> bool:
        """Decide, asking the limiter when what is at hand does not suffice; `denial` says why not."""
        if self.take_now(cost):
            return True
        async with self._refilling:  # one asks for all who wait
            return self.take_now(cost) or await self._refill(cost)

    async def _refill(self, cost: int) -> bool:
        wanted = max(cost, self._ahead)
        while True:
            asked_at = time.monotonic()
            decision = await self._client.check(self._route, self._user_id, cost=wanted)
            if decision.allowed:
                self._add(wanted - cost, asked_at + self._lifetime(decision))
                self.denial = None
                return True
            if wanted == cost:
                self.denial = decision
                return False
            wanted = max(cost, min(wanted // 2, decision.remaining or 0))

    def _add(self, amount: int, until: float) -> None:
        """What is still at hand ends no later than it would have."""
        at_hand = self._left if time.monotonic() <= self._until else 0
        self._until = min(until, self._until) if at_hand else until
        self._left = at_hand + amount

    def _lifetime(self, decision: Decision) -> float:
        reset = self._seconds if decision.reset_after_ms is None else decision.reset_after_ms / 1000
        return min(self._seconds, reset)

    async def give_back(self) -> None:
        """Return what is left, when the application stops."""
        left, self._left = self._left, 0
        if left and time.monotonic() <= self._until:
            await self._client.check(self._route, self._user_id, cost=-left)


class LimitsMiddleware:
    """ASGI middleware: each request is a check; a denied one is answered 429 with the limiter's headers.

    `user_of(scope)` says who asks. When Septet cannot be reached, requests pass (`open_on_failure`) or get 503.
    """

    def __init__(
        self,
        app: ASGIApp,
        client: LimitsClient,
        user_of: Callable[[Mapping[str, Any]], str],
        *,
        open_on_failure: bool = True,
    ) -> None:
        self._app = app
        self._client = client
        self._user_of = user_of
        self._open_on_failure = open_on_failure

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            decision = await self._client.check(scope["path"], self._user_of(scope), method=scope["method"])
        except httpx.HTTPError:
            if self._open_on_failure:
                await self._app(scope, receive, send)
            else:
                await _refuse(send, 503, "The limiter cannot be reached; try again.", {"retry-after": "1"})
            return
        if not decision.allowed:
            await _refuse(send, 429, decision.reason, decision.headers)
            return
        await self._app(scope, receive, _with_headers(send, decision.headers))


def _with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    async def send_more(message: Any) -> None:
        if message["type"] == "http.response.start":
            more = [(name.encode(), value.encode()) for name, value in headers.items()]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return send_more


async def _refuse(send: Send, status: int, text: str, headers: Mapping[str, str]) -> None:
    lines = [(b"content-type", b"text/plain; charset=utf-8")]
    lines += [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": text.encode()})
