"""Deleting what has become too old or too much.

Every line carries the day on which it expires, so what expires goes by whole partitions. A retention that was
shortened, and limits in bytes, are met by deleting an organization's oldest arrivals.
"""

from datetime import datetime, timedelta
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.services.logs.models import Retention

_PARTITIONS = (
    "SELECT DISTINCT partition FROM system.parts WHERE active AND database = currentDatabase() AND table = 'logs' "
    "AND toDateOrNull(partition) < {today:Date} ORDER BY partition"
)
_CUTOFF = """SELECT max(received_at) AS cutoff FROM (
  SELECT received_at, sum(bytes) OVER (ORDER BY received_at DESC, request DESC, line DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS kept
  FROM logs WHERE tenant_id = {tenant:UUID} AND ({service:String} = '' OR service = {service:String}))
WHERE kept > {most:UInt64}"""
_STORED = (
    "SELECT sum(bytes) AS stored FROM logs WHERE tenant_id = {tenant:UUID} "
    "AND ({service:String} = '' OR service = {service:String})"
)


async def drop_expired(runtime: Runtime, now: datetime) -> int:
    """Drop the partitions whose day has passed; returns how many."""
    rows = await runtime.clickhouse.query(_PARTITIONS, {"today": now.date()})
    for row in rows:
        await runtime.clickhouse.command(f"ALTER TABLE logs DROP PARTITION '{row['partition']}'")
    return len(rows)


async def enforce(runtime: Runtime, tenant: UUID, retention: Retention, now: datetime) -> None:
    """Delete what an organization's retention does not keep and its partitions still do."""
    named = list(retention.per_service)
    await _delete_before(runtime, tenant, now - timedelta(days=retention.days), "service NOT IN ({names:Array(String)})", named)
    for service, days in retention.per_service.items():
        await _delete_before(runtime, tenant, now - timedelta(days=days), "service IN ({names:Array(String)})", [service])
    limits = {**retention.max_bytes_per_service, **({"": retention.max_bytes} if retention.max_bytes else {})}
    for service, most in limits.items():
        await _delete_beyond(runtime, tenant, service, most)


async def _delete_beyond(runtime: Runtime, tenant: UUID, service: str, most: int) -> None:
    parameters = {"tenant": tenant, "service": service, "most": most}
    stored = await runtime.clickhouse.query(_STORED, parameters)
    if stored[0]["stored"] <= most:
        return
    found = await runtime.clickhouse.query(_CUTOFF, parameters)
    condition = "service IN ({names:Array(String)})" if service else "service NOT IN ({names:Array(String)})"
    cutoff = found[0]["cutoff"] + timedelta(milliseconds=1)
    await _delete_before(runtime, tenant, cutoff, condition, [service] if service else [])


async def _delete_before(
    runtime: Runtime, tenant: UUID, moment: datetime, services: str, names: list[str]
) -> None:
    where = f"tenant_id = {{tenant:UUID}} AND received_at < fromUnixTimestamp64Milli({{before:Int64}}) AND {services}"
    parameters = {"tenant": tenant, "before": int(moment.timestamp() * 1000), "names": names}
    found = await runtime.clickhouse.query(f"SELECT count() AS lines FROM logs WHERE {where}", parameters)
    if found[0]["lines"]:
        await runtime.clickhouse.command(f"DELETE FROM logs WHERE {where}", parameters)
