"""Retention beside what else deletes lines."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.platform import Organization, Platform
from tests.services.logs.lines import search

from septet.services.logs.models import Retention
from septet.services.logs.retention import drop_expired, enforce

LINES = 50_000
_FILL = """INSERT INTO logs
  (tenant_id, expires_on, timestamp, request, line, received_at, timestamp_from, level, message)
SELECT {tenant:UUID}, {day:Date}, now64(9), generateUUIDv4(), number, {arrived:DateTime},
  'line', 'info', toString(number) FROM numbers({lines:UInt32})"""
_DELETING = "SELECT 1 FROM system.merges WHERE database = currentDatabase() AND table = 'logs' AND is_mutation"


async def test_a_partition_that_goes_meanwhile_leaves_nothing_undeleted(
    platform: Platform, organization: Organization
) -> None:
    """ClickHouse interrupts the deletion for it, and says so to whoever waits."""
    runtime, now = platform.runtime, platform.runtime.clock.now()
    for day in (now - timedelta(days=1), now + timedelta(days=20)):
        arrived = {"arrived": now - timedelta(days=10), "day": day.date(), "lines": LINES}
        await runtime.clickhouse.command(_FILL, {"tenant": organization.id, **arrived})
    fresh = {"arrived": now, "day": (now + timedelta(days=30)).date(), "lines": 3}
    await runtime.clickhouse.command(_FILL, {"tenant": organization.id, **fresh})
    retention = Retention(days=5, per_service={}, max_bytes=None, max_bytes_per_service={}, set_at=datetime.now(UTC))
    enforcing = asyncio.create_task(enforce(runtime, organization.id, retention, now))
    async with asyncio.timeout(5):
        while not enforcing.done() and not await runtime.clickhouse.query(_DELETING):
            await asyncio.sleep(0.005)
    assert await drop_expired(runtime, now) > 0
    await enforcing
    assert len(await search(organization.client, limit=1000)) == 3
