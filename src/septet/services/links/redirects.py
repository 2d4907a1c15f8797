"""Answering visitors: what a short URL leads to, for whom, and how the click is counted before the answer goes out.

`Redirects` holds the rules; the fast lane's hot route and the ordinary endpoint both ask it. The lane answers the plain
case (active, no password, no click limit, one target) and leaves all else to the endpoint.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from septet.kernel.errors import EngineUnavailable, Problem
from septet.kernel.fastlane import Answer, HotRequest, HotRoute, render_headers
from septet.kernel.fastlane_request import render_problem
from septet.kernel.runtime import Runtime
from septet.kernel.valkey import key
from septet.services.links.directory import Choice, Destination, Directory, Entry, Place
from septet.services.links.errors import LinkGone, LinkNotFound, TooManyMisses
from septet.services.links.recorder import Recorder
from septet.services.links.settings import LinksSettings
from septet.services.links.throttle import Throttle
from septet.services.links.user_agents import agent_of
from septet.services.links.visits import Visit, Visits, is_prefetch

NO_STORE = "private, no-store"
PERMANENT = "private, max-age=86400"
SHUT_OUT_AFTER = 20
"""An address with so many times the misses allowed is answered nothing at all for the rest of the minute."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send a visitor. A fallback is no click."""

    url: str
    status: int
    variant: int = 0
    is_fallback: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Location": self.url, "Cache-Control": PERMANENT if self.status == 301 else NO_STORE}


class Redirects:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._allowed_misses = runtime.service_settings(LinksSettings).misses_per_minute
        self.directory = runtime.shared(Directory)
        self.recorder = Recorder(runtime)
        self.visits = Visits(runtime)
        self.throttle = Throttle(runtime)
        self._shut_out: dict[str, float] = {}

    # --- the fast lane -----------------------------------------------------------------------------------------------

    def hot_route(self) -> HotRoute:
        return HotRoute(b"GET", b"/s/*", self._handle)

    def _handle(self, request: HotRequest, answer: Answer) -> None:
        code = request.path[3:]
        if self._shut_out or not code or b"/" in code or code.endswith(b"+"):
            answer.decline()
            return
        place = "", code.decode("ascii")
        entry = self.directory.cached(place)
        if entry is not None:
            self._answer(entry, request, answer)
            return
        answer.later(self._look_up_and_answer(place, request, answer))

    async def _look_up_and_answer(self, place: Place, request: HotRequest, answer: Answer) -> None:
        try:
            entry = await self.directory.look_up(place)
        except Problem as problem:
            answer(*render_problem(problem))
            return
        self._answer(entry, request, answer)

    def _answer(self, entry: Entry, request: HotRequest, answer: Answer) -> None:
        destination = entry.destination
        if destination is None or not self._is_plain(destination) or (request.query and destination.forward_query):
            answer.decline()
            return
        headers = request.headers
        visit = self.visits.read(self.visits.address_of(request.peer, headers), headers, request.query)
        if visit is None:
            answer.decline()
            return
        if not entry.headers:
            plain = Redirect(destination.url, destination.status).headers
            entry.headers = render_headers((name.encode(), value.encode()) for name, value in plain.items())
        if visit.prefetch:
            answer(destination.status, entry.headers)
            return
        self.recorder.record(entry.reference, visit, 0, partial(_recorded, answer, destination.status, entry.headers))

    def _is_plain(self, destination: Destination) -> bool:
        if not destination.active or destination.password_hash or destination.max_clicks or destination.choices:
            return False
        if not (destination.expires_at or destination.starts_at):
            return True
        now = self._runtime.clock.unix_ms()
        return destination.starts_at <= now and not 0 < destination.expires_at <= now

    # --- the ordinary endpoint ---------------------------------------------------------------------------------------

    async def find(self, place: Place, address: str) -> Destination:
        """Raises LinkNotFound, or TooManyMisses for an address that guesses."""
        self._require_welcome(address)
        entry = await self.directory.look_up(place)
        if entry.destination is None:
            await self._count_miss(address)
            raise LinkNotFound("No link has this code.")
        return entry.destination

    def _require_welcome(self, address: str) -> None:
        if not self._shut_out:
            return
        now = asyncio.get_running_loop().time()
        self._shut_out = {each: until for each, until in self._shut_out.items() if until > now}
        if address in self._shut_out:
            raise TooManyMisses("Wait a minute.", headers={"Retry-After": "60"})

    async def _count_miss(self, address: str) -> None:
        misses = await self.throttle.count("misses", address, 60)
        if misses > SHUT_OUT_AFTER * self._allowed_misses:
            self._shut_out[address] = asyncio.get_running_loop().time() + 60
        if misses > self._allowed_misses:
            raise TooManyMisses("Wait a minute before you ask for other codes.", headers={"Retry-After": "60"})

    async def available(self, destination: Destination) -> Redirect | None:
        """None when the link leads to its target now; the fallback when it does not and has one.

        Raises LinkNotFound before its start, LinkGone after its end, when spent, archived or disabled.
        """
        refusal = self._refusal(destination)
        if refusal is None and destination.max_clicks and await self._is_spent(destination):
            refusal = LinkGone("This link has been used as often as it may be.")
        if refusal is None:
            return None
        if destination.fallback_url and not destination.disabled_reason:
            return Redirect(destination.fallback_url, 302, is_fallback=True)
        raise refusal

    def _refusal(self, destination: Destination) -> Problem | None:
        now = self._runtime.clock.unix_ms()
        if destination.disabled_reason:
            return LinkGone(f"This link was disabled: {destination.disabled_reason}")
        if not destination.active:
            return LinkGone("This link is no longer in use.")
        if destination.starts_at > now:
            return LinkNotFound("This link does not lead anywhere yet; try again later.")
        if 0 < destination.expires_at <= now:
            return LinkGone("This link has expired.")
        return None

    async def _is_spent(self, destination: Destination) -> bool:
        counted = await self._runtime.pipeline.call(b"GET", key("links", "links", "spent", destination.link_id.hex))
        return int(cast(bytes, counted or b"0")) >= destination.max_clicks

    async def read_visit(self, address: str, headers: Mapping[bytes, bytes], query: bytes) -> Visit:
        """Raises EngineUnavailable while today's salt is not to be had."""
        visit = self.visits.read(address, headers, query)
        if visit is None:
            await self.visits.salted()
            visit = self.visits.read(address, headers, query)
            assert visit is not None
        return visit

    async def follow(self, destination: Destination, visit: Visit, *, counted: bool) -> Redirect:
        """Count the click and say where it leads; the fallback when it was one too many.

        Raises LinkGone for one too many, EngineUnavailable when the click cannot be counted.
        """
        redirect = self._redirect(destination, visit)
        if not counted or visit.prefetch:
            return redirect
        if not destination.max_clicks:
            await self._record(destination, visit, redirect.variant)
        elif not await self.recorder.admit(destination.reference, visit, redirect.variant, destination.max_clicks):
            if destination.fallback_url:
                return Redirect(destination.fallback_url, 302, is_fallback=True)
            raise LinkGone("This link has been used as often as it may be.")
        return redirect

    async def _record(self, destination: Destination, visit: Visit, variant: int) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def recorded(error: Exception | None) -> None:
            if not done.done():
                done.set_exception(error) if error else done.set_result(None)

        self.recorder.record(destination.reference, visit, variant, recorded)
        await done

    def _redirect(self, destination: Destination, visit: Visit) -> Redirect:
        variant = _variant(destination.choices, visit) if destination.choices else 0
        url = destination.choices[variant - 1].url if variant else destination.url
        if destination.forward_query and visit.query:
            before, hash_sign, fragment = url.partition("#")
            url = f"{before}{'&' if '?' in before else '?'}{visit.query.decode('latin-1')}{hash_sign}{fragment}"
        return Redirect(url, destination.status, variant)


def _recorded(answer: Answer, status: int, headers: bytes, error: Exception | None) -> None:
    if error is None:
        answer(status, headers)
    else:
        answer(*render_problem(error if isinstance(error, Problem) else EngineUnavailable("Valkey")))


def _variant(choices: list[Choice], visit: Visit) -> int:
    """0 for the link's own URL, n for the n-th choice. A visitor gets the same side of a split all day."""
    agent = agent_of(visit.user_agent.decode("utf-8", "replace"))
    language = visit.language[:3].split(b"-")[0].split(b",")[0].decode("latin-1").lower()
    country = visit.country.decode("latin-1")
    for number, choice in enumerate(choices, 1):
        conditions = (
            (choice.device, agent.device),
            (choice.os, agent.system),
            (choice.country, country),
            (choice.language, language),
        )
        if not choice.weight and all(wanted in ("", has) for wanted, has in conditions):
            return number
    side = int.from_bytes(visit.visitor) % 100 if visit.tracked else random.randrange(100)  # noqa: S311 - no secret
    for number, choice in enumerate(choices, 1):
        if choice.weight:
            if side < choice.weight:
                return number
            side -= choice.weight
    return 0


def is_looking_ahead(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """HEAD and prefetches are answered, but are no clicks."""
    return method == "HEAD" or is_prefetch(headers)
