"""Who takes the tour, what they share, and the order of the stops."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from septet.client.transport import AsyncTransport
from septet.tour.figures import Figure

T = TypeVar("T")
Stop = Callable[["Tour"], Awaitable[None]]
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """Where Septet is. `gateways` speak WebSocket; `patience`: for how many seconds to wait for what must come."""

    url: str
    gateways: list[str]
    patience: float


@dataclass(frozen=True, slots=True)
class Traveller:
    """Somebody with an account; `api` is logged in as them, in the tour's organization once they are in it."""

    id: str
    name: str
    email: str
    password: str
    token: str
    api: AsyncTransport


class NeverCame(Exception):
    """Something that was due did not happen in time; the message says what, and what was there instead."""


@dataclass
class Tour:
    """What the stops share. `name` is fresh, so that tours do not meet; `lines` go to the log service."""

    place: Place
    public: AsyncTransport
    lines: Sequence[str]
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    figures: list[Figure] = field(default_factory=list)
    organization_id: str = ""
    api_key: str = ""
    ada: Traveller = field(init=False)
    ben: Traveller = field(init=False)

    def check(self, what: str, found: Any, expected: Any, *, console: str, api: str) -> None:
        """Note a figure; one that does not hold makes the tour fail at its end."""
        self.figures.append(Figure(what, found, expected, console, api))

    async def until(self, what: str, ask: Callable[[], Awaitable[T]], right: Callable[[T], bool]) -> T:
        """Ask until the answer is right, and return it. Raises NeverCame."""
        async for answer in self._answers(ask):
            if right(answer):
                return answer
        raise NeverCame(f"{what}: still {answer!r} after {self.place.patience:.0f} s")

    async def settled(self, ask: Callable[[], Awaitable[T]], expected: object) -> T:
        """The answer once it is what is expected, or as it is when that takes too long: for `check` to judge."""
        async for answer in self._answers(ask):
            if answer == expected:
                break
        return answer

    async def _answers(self, ask: Callable[[], Awaitable[T]]) -> AsyncIterator[T]:
        """The first one, and more until patience is over."""
        deadline = time.monotonic() + self.place.patience
        yield await ask()
        while time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            yield await ask()


@asynccontextmanager
async def tour(place: Place, lines: Sequence[str]) -> AsyncIterator[Tour]:
    """A tour that has not begun."""
    async with AsyncTransport(place.url, patience=place.patience) as public:
        yield Tour(place, public, lines)
