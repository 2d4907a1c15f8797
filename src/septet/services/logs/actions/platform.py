"""What the rest of the platform asks of logs, without HTTP: write its own lines, meter what arrived, purge.

Any tenant id will do for `write` and `arrived`: nothing about it is looked up but its retention and masks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.logs import store
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import read_ndjson
from septet.services.logs.settings import LogsSettings

_ARRIVED = """SELECT tenant_id, count() AS lines, sum(bytes) AS bytes FROM logs
WHERE received_at >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
  AND received_at < fromUnixTimestamp64Milli({end:Int64}, 'UTC') GROUP BY tenant_id"""

_PURGE = """ALTER TABLE logs DELETE WHERE tenant_id = {tenant:UUID} OR (tenant_id = {platform:UUID}
  AND position(concat(message, raw, toJSONString(attributes)), {name:String}) > 0)"""
PLATFORM = UUID(int=0)
"""The tenant under which Septet keeps its own lines."""


class LinesStillQueued(Exception):
    """Lines of the organization wait for storage; call again in a moment."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived and is still stored. `bytes`: of the lines as they came."""

    lines: int
    bytes: int


async def write(runtime: Runtime, tenant_id: UUID, service: str, lines: Sequence[Mapping[str, Any]]) -> None:
    """Queue JSON objects as lines, in one request: durable when it returns, stored soon after.

    From each object come timestamp, level, message and so on, as from `POST /logs`; `service` is for those that name
    none. A line beyond SEPTET_LOGS_MAX_LINE_BYTES is left out and counted. Not idempotent. Raises QueueFull (429),
    EngineUnavailable (503), StorageFull (507): then nothing was taken.
    """
    body = msgspec.json.Encoder(enc_hook=str).encode_lines(lines)
    intake = read_ndjson(body, runtime.service_settings(LogsSettings).max_line_bytes)
    await Ingest.of(runtime).accept(tenant_id, intake, service, protocol="platform")


async def arrived(runtime: Runtime, day: date) -> dict[UUID, Arrived]:
    """By organization, what arrived on a day (UTC) and was not deleted since; what waits in the queue is not in it.

    A line counts for the day on which it was accepted, whatever its timestamp says. Raises EngineUnavailable (503).
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    span = {"start": _milliseconds(start), "end": _milliseconds(start + timedelta(days=1))}
    rows = await runtime.clickhouse.query(_ARRIVED, span)
    return {row["tenant_id"]: Arrived(row["lines"], row["bytes"]) for row in rows}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def purge(uow: UnitOfWork) -> None:
    """Delete all that logs keep of the unit of work's organization: lines, Septet's that name it, and configuration.

    Lines that are queued are stored first, so that no processor brings one back: raises LinesStillQueued while they
    are, and is to be called again (a job that fails is). Raises EngineUnavailable (503).
    """
    queue = Ingest.of(uow.runtime).queue
    await queue.discard_all(uow.tenant_id)
    if await queue.waiting_bytes(uow.tenant_id):
        raise LinesStillQueued
    names = {"tenant": uow.tenant_id, "platform": PLATFORM, "name": str(uow.tenant_id)}
    await uow.runtime.clickhouse.mutate(_PURGE, names)
    await store.remove_all(uow)
