"""One HTTP call to somebody else's server: bounded in time and size, no redirects, `Retry-After` understood."""

import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from septet.services.notifications.webhooks.addresses import AddressRefused, CheckedResolver, check_url

KEPT_BYTES = 2048
_KEPT_HEADERS = ("content-type", "retry-after", "location", "server")


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None when there was no answer; then `error` says why. `retry_after` in seconds."""

    status: int | None
    headers: dict[str, str]
    body: str
    duration_ms: int
    error: str | None = None
    retry_after: float | None = None
    refused: bool = False

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Caller:
    """An HTTP client for addresses that customers chose. `concurrency`: connections at once."""

    def __init__(self, *, allow_private: bool, timeout_seconds: float, concurrency: int) -> None:
        self._allow_private = allow_private
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._concurrency = concurrency
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Caller"]:
        connector = aiohttp.TCPConnector(
            limit=self._concurrency, resolver=CheckedResolver(allow_private=self._allow_private), use_dns_cache=False
        )
        cookies = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(
            connector=connector, timeout=self._timeout, cookie_jar=cookies, auto_decompress=False, trust_env=False
        ) as session:
            self._session = session
            yield self

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
        """Never raises for what the other side does. `now`: the machine's time, to read a date in `Retry-After`."""
        assert self._session is not None
        started = time.perf_counter()
        try:
            check_url(url, allow_private=self._allow_private)
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                content = await response.content.read(KEPT_BYTES)
                kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
                retry_after = _seconds(response.headers.get("retry-after"), now)
                text = content.decode("utf-8", "replace").replace("\0", "")
                return Answer(response.status, kept, text, _ms(started), None, retry_after)
        except AddressRefused as error:
            return Answer(None, {}, "", _ms(started), str(error), refused=True)
        except TimeoutError:
            return Answer(None, {}, "", _ms(started), f"no answer within {self._timeout.total:g} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(None, {}, "", _ms(started), f"{type(error).__name__}: {error}")


def _ms(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Seconds or an HTTP date (RFC 9110, section 10.2.3); at most a day."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), 86_400.0) if math.isfinite(seconds) else None
