"""Deleting what has become too old or too much.

Every line carries the day on which it expires, so what expires goes by whole partitions. A retention that was
shortened, and limits in bytes, are met by deleting an organization's oldest arrivals.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from septet.kernel.jobs import job, schedule
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.logs import store
from septet.services.logs.models import Retention

ENFORCED_EVERY = timedelta(hours=1)

_PARTITIONS = (
    "SELECT DISTINCT partition FROM system.parts WHERE active AND database = currentDatabase() AND table = 'logs' "
    "AND toDateOrNull(partition) < {today:Date} ORDER BY partition"
)
_CUTOFF = """SELECT max(received_at) AS cutoff FROM (
  SELECT received_at, sum(bytes) OVER (ORDER BY received_at DESC, request DESC, line DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS kept
  FROM logs WHERE tenant_id = {tenant:UUID} AND ({service:String} = '' OR service = {service:String}))
WHERE kept > {most:UInt64}"""
_THESE, _OTHERS = "service IN ({names:Array(String)})", "service NOT IN ({names:Array(String)})"
_STORED = (
    "SELECT sum(bytes) AS stored FROM logs WHERE tenant_id = {tenant:UUID} "
    "AND ({service:String} = '' OR service = {service:String})"
)


@dataclass(frozen=True, slots=True)
class Enforcement:
    """`set_at`: when the retention was set that this enforces; a newer one is enforced by its own chain of jobs."""

    set_at: datetime


def keep_enforcing(uow: UnitOfWork, retention: Retention) -> None:
    """Enforce a retention that was just set now, and from then on once an hour."""
    uow.enqueue(enforce_retention, Enforcement(retention.set_at))


@job()
async def enforce_retention(uow: UnitOfWork, wanted: Enforcement) -> None:
    """Delete what the organization no longer wants, and look again in an hour."""
    retention = await store.retention(uow)
    if retention is None or retention.set_at != wanted.set_at:
        return
    await enforce(uow.runtime, uow.tenant_id, retention, uow.now)
    uow.enqueue(enforce_retention, wanted, at=uow.now + ENFORCED_EVERY)


@schedule("7 * * * *")
async def drop_expired_partitions(uow: UnitOfWork) -> None:
    """Everybody's lines whose day of expiry has passed."""
    await drop_expired(uow.runtime, uow.now)


async def drop_expired(runtime: Runtime, now: datetime) -> int:
    """Drop the partitions whose day has passed; returns how many."""
    rows = await runtime.clickhouse.query(_PARTITIONS, {"today": now.date()})
    for row in rows:
        await runtime.clickhouse.command(f"ALTER TABLE logs DROP PARTITION '{row['partition']}'")
    return len(rows)


async def enforce(runtime: Runtime, tenant: UUID, retention: Retention, now: datetime) -> None:
    """Delete what an organization's retention does not keep and its partitions still do."""
    named = list(retention.per_service)
    await _delete_before(runtime, tenant, now - timedelta(days=retention.days), _OTHERS, named)
    for service, days in retention.per_service.items():
        await _delete_before(runtime, tenant, now - timedelta(days=days), _THESE, [service])
    limits = {**retention.max_bytes_per_service, **({"": retention.max_bytes} if retention.max_bytes else {})}
    for service, most in limits.items():
        await _delete_beyond(runtime, tenant, service, most)


async def _delete_beyond(runtime: Runtime, tenant: UUID, service: str, most: int) -> None:
    parameters = {"tenant": tenant, "service": service, "most": most}
    stored = await runtime.clickhouse.query(_STORED, parameters)
    if stored[0]["stored"] <= most:
        return
    found = await runtime.clickhouse.query(_CUTOFF, parameters)
    condition = _THESE if service else _OTHERS
    cutoff = found[0]["cutoff"] + timedelta(milliseconds=1)
    await _delete_before(runtime, tenant, cutoff, condition, [service] if service else [])


async def _delete_before(runtime: Runtime, tenant: UUID, moment: datetime, services: str, names: list[str]) -> None:
    where = f"tenant_id = {{tenant:UUID}} AND received_at < fromUnixTimestamp64Milli({{before:Int64}}) AND {services}"
    parameters = {"tenant": tenant, "before": int(moment.timestamp() * 1000), "names": names}
    found = await runtime.clickhouse.query(f"SELECT count() AS lines FROM logs WHERE {where}", parameters)
    if found[0]["lines"]:
        await runtime.clickhouse.mutate(f"DELETE FROM logs WHERE {where}", parameters)
