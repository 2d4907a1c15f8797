"""What a visitor's request says, kept to what answering and counting need. No raw address leaves this file.

A visitor is the keyed hash of address and user agent. The key is random, shared by all processes, changes at midnight
UTC and is forgotten two days later; then nobody can tell which address a hash came from.
"""

import asyncio
import ipaddress
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import maxminddb

from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.kernel.valkey import key
from septet.services.links.settings import LinksSettings

LONGEST_HEADER = 512
LONGEST_QUERY = 1024
DAY_MS = 86_400_000
SALT_SECONDS = 2 * 86_400
_NO_HASH = bytes(8)


@dataclass(slots=True)
class Visit:
    """`visitor`: eight bytes, all zero for those who asked not to be tracked. Headers are as they came, but shorter."""

    at: int
    visitor: bytes
    user_agent: bytes
    referrer: bytes
    language: bytes
    country: bytes
    query: bytes
    tracked: bool
    prefetch: bool


class Visits:
    """Reads requests; one per process."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.service_settings(LinksSettings)
        self._runtime = runtime
        self._proxies = [ipaddress.ip_network(network) for network in runtime.settings.trusted_proxies]
        self._country_headers = [header.lower().encode() for header in settings.country_headers]
        self._countries = maxminddb.open_database(settings.country_database) if settings.country_database else None
        self._honours_dnt = settings.honour_do_not_track
        self._salts: dict[int, bytes] = {}

    def address_of(self, peer: str, headers: Mapping[bytes, bytes]) -> str:
        """The nearest address that is no trusted proxy (`X-Forwarded-For`, read from the right)."""
        if not self._proxies or not _is_in(peer, self._proxies):
            return peer
        for hop in reversed(headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")):
            if hop.strip() and not _is_in(hop.strip(), self._proxies):
                return hop.strip()
        return peer

    def read(self, address: str, headers: Mapping[bytes, bytes], query: bytes) -> Visit | None:
        """None when today's salt is not here yet: `await salted()` first."""
        now = self._runtime.clock.unix_ms()
        salt = self._salts.get(now // DAY_MS)
        if salt is None:
            return None
        get = headers.get
        user_agent = get(b"user-agent", b"")[:LONGEST_HEADER]
        tracked = not (self._honours_dnt and (get(b"dnt") == b"1" or get(b"sec-gpc") == b"1"))
        visitor = (
            blake2b(address.encode() + b"\0" + user_agent, key=salt, digest_size=8).digest() if tracked else _NO_HASH
        )
        return Visit(
            now,
            visitor,
            user_agent,
            get(b"referer", b"")[:LONGEST_HEADER],
            get(b"accept-language", b"")[:64],
            self._country(address, headers),
            query[:LONGEST_QUERY],
            tracked,
            is_prefetch(headers),
        )

    async def salted(self) -> None:
        """Have the salts of today and tomorrow. Raises EngineUnavailable."""
        today = self._runtime.clock.unix_ms() // DAY_MS
        for day in (today, today + 1):
            if day not in self._salts:
                self._salts[day] = await self._shared_salt(day)
        self._salts = {day: salt for day, salt in self._salts.items() if day >= today}

    async def keep_salted(self) -> None:
        """Have tomorrow's salt before midnight, for as long as the process lives."""
        while True:
            with suppress(EngineUnavailable):  # whoever needs a salt asks for it, and is told
                await self.salted()
            await asyncio.sleep(600)

    async def _shared_salt(self, day: int) -> bytes:
        """The first process of the day draws it; all take what is there then."""
        name = key("links", "links", "salt", day)
        call = self._runtime.pipeline.call
        await call(b"SET", name, os.urandom(32), b"NX", b"EX", SALT_SECONDS)
        salt: Any = await call(b"GET", name)
        assert isinstance(salt, bytes)
        return salt

    def _country(self, address: str, headers: Mapping[bytes, bytes]) -> bytes:
        for name in self._country_headers:
            if (told := headers.get(name)) and len(told) == 2 and told.isalpha():
                return told.upper()
        if self._countries is None:
            return b""
        try:
            found: Any = self._countries.get(address)
        except ValueError:
            return b""
        return str(((found or {}).get("country") or {}).get("iso_code") or "").encode()


def is_prefetch(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the browser only looks ahead (`Sec-Purpose`, and the older names for it)."""
    get = headers.get
    told = get(b"sec-purpose") or get(b"purpose") or get(b"x-purpose") or get(b"x-moz")
    return told is not None and (
        b"prefetch" in told.lower() or b"preview" in told.lower() or b"prerender" in told.lower()
    )


def _is_in(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
