"""From Valkey's stream to ClickHouse: each batch is stored first and acknowledged then, so it is stored at least once.

Clicks have fixed ids and ClickHouse keeps one row an id, so at least once becomes exactly once. Batches of a consumer
that died are taken over; batches that Valkey did not take are fetched from PostgreSQL.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from septet.kernel.outages import Outages
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.shortening import tell_of_clicks
from septet.services.links.clicks import Classifier, Click, encoded
from septet.services.links.recorder import FIELD, STREAM
from septet.services.links.records import read_batch
from septet.services.links.settings import LinksSettings
from septet.services.links.store import clicks, spool
from septet.services.links.watching import LIVE_CHANNEL, watched_tenants

GROUP = "counting"
LARGEST_READ = 1000
LONGEST_READ_MS = 500
GATHER_SECONDS = 0.1
TAKE_OVER_AFTER_MS = 5000
CHECK_SECONDS = 2.0
LONGEST_BACKOFF_SECONDS = 1.0
MOST_LIVE = 50

Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Consumer:
    """One per worker process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._client: Any = runtime.valkey.client
        self._name = runtime.clock.new_id().hex
        self._classifier = Classifier(runtime.service_settings(LinksSettings).duplicate_seconds)
        self._checked = 0.0

    async def run(self) -> None:
        """For ever; an outage of any engine delays, nothing more."""
        backoff, outages = 0.0, Outages("clicks")
        while True:
            with outages.survived():
                await self._ensure_group()
                while True:
                    await self._turn()
                    outages.succeeded()
                    backoff = 0.0
            backoff = min(2 * backoff or 0.1, LONGEST_BACKOFF_SECONDS)
            await asyncio.sleep(backoff)

    async def _ensure_group(self) -> None:
        groups: Any = None
        if await self._client.exists(STREAM):
            groups = await self._client.execute_command("XINFO GROUPS", STREAM)
        if not groups:
            await self._client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)

    async def _turn(self) -> None:
        await self._finish(await self._read("0"))  # what this consumer could not finish before
        now = asyncio.get_running_loop().time()
        if now - self._checked > CHECK_SECONDS:
            self._checked = now
            await self._take_over()
            await self._fetch_spooled()
        entries = await self._read(">")
        await self._finish(entries)
        if len(entries) < LARGEST_READ:
            await asyncio.sleep(GATHER_SECONDS)

    async def _read(self, after: str) -> Entries:
        streams = await self._client.xreadgroup(
            GROUP, self._name, {STREAM: after}, count=LARGEST_READ, block=LONGEST_READ_MS if after == ">" else None
        )
        return _entries(streams)

    async def _take_over(self) -> None:
        """Entries that a consumer holds for so long that it must be dead become ours."""
        start: Any = "0-0"
        while True:
            answer = await self._client.xautoclaim(
                STREAM, GROUP, self._name, TAKE_OVER_AFTER_MS, start_id=start, count=LARGEST_READ
            )
            start, entries = answer[0], answer[1]
            await self._finish([entry for entry in entries if entry[1]])
            if start in (b"0-0", "0-0"):
                return

    async def _finish(self, entries: Entries) -> None:
        if not entries:
            return
        ids = [entry_id for entry_id, _ in entries]
        await self._store((fields[FIELD] for _, fields in entries), b" ".join(ids))
        async with self._client.pipeline(transaction=True) as both:
            both.xack(STREAM, GROUP, *ids)
            both.xdel(STREAM, *ids)
            await both.execute()

    async def _fetch_spooled(self) -> None:
        async with UnitOfWork(self._runtime) as uow:
            with self._runtime.postgres.faults_translated():
                batches = await spool.take(uow, LARGEST_READ)
                if batches:
                    await self._store((each.batch for each in batches), batches[0].id.bytes)
                    await spool.remove(uow, [each.id for each in batches])
            await uow.commit()

    async def _store(self, batches: Iterable[bytes], identity: bytes) -> None:
        judged: list[Click] = []
        for batch in batches:
            judged += self._judged(batch)
            await asyncio.sleep(0)  # the worker has other things to do
        if not judged:
            return
        version = self._runtime.clock.unix_ms()
        rows = b"".join(encoded(click, version) for click in judged)
        await clicks.add_encoded(self._runtime.clickhouse, rows, hashlib.sha256(identity).hexdigest())
        await self._tell_sources([click for click in judged if click.raw.source])
        await self._show_live(judged)

    def _judged(self, batch: bytes) -> list[Click]:
        try:
            return [self._classifier.judged(raw) for raw in read_batch(batch)]
        except ValueError as error:
            log.error("a batch of clicks cannot be read", error=repr(error), bytes=len(batch))
            return []

    async def _tell_sources(self, sourced: list[Click]) -> None:
        if not sourced:
            return
        async with UnitOfWork(self._runtime) as uow:
            with self._runtime.postgres.faults_translated():
                await tell_of_clicks(uow, sourced)
            await uow.commit()

    async def _show_live(self, judged: list[Click]) -> None:
        """Tell those who watch; at most the newest few of each tenant, whose feed is a picture, not a ledger."""
        for tenant_id in await watched_tenants(self._runtime):
            reference = tenant_id.hex.encode()
            of_tenant = [click for click in judged if click.raw.reference.startswith(reference)]
            if of_tenant:
                payload = {"tenant": str(tenant_id), "clicks": [_shown(click) for click in of_tenant[-MOST_LIVE:]]}
                await self._runtime.broadcast.publish(LIVE_CHANNEL, json.dumps(payload).encode())


def _entries(streams: Any) -> Entries:
    """redis-py gives a list of pairs, or a dictionary of lists of pages where the server speaks RESP3."""
    if not streams:
        return []
    if isinstance(streams, dict):
        return [entry for pages in streams.values() for page in pages for entry in page]
    return [entry for _, entries in streams for entry in entries if entry[1]]


def _shown(click: Click) -> dict[str, Any]:
    description = click.description
    return {
        "id": str(click.id),
        "linkId": str(click.link_id),
        "at": datetime.fromtimestamp(click.raw.at / 1000, UTC).isoformat(),
        "classification": click.verdict.classification,
        "reason": click.verdict.reason,
        "referrer": description.referrer,
        "browser": description.browser,
        "operatingSystem": description.operating_system,
        "device": description.device,
        "country": description.country,
    }
