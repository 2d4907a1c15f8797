"""An organization that is gone leaves nothing: what no service's table holds is removed here, from all three engines.

Found by the catalogue, not by a list: every ClickHouse table with a column `tenant_id`, every key of Valkey that has
the tenant as its hash tag, and of PostgreSQL what the kernel keeps (jobs, their errors, remembered answers).
"""

from uuid import UUID

from sqlalchemy import text

from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork

_JOBS = text("DELETE FROM kernel.pgqueuer WHERE headers->>'tenantId' = :tenant AND id <> :own")
_FAILURES = text("DELETE FROM kernel.pgqueuer_log WHERE strpos(traceback::text, :tenant) > 0")
_ANSWERS = text("DELETE FROM kernel.idempotency_keys WHERE owner = :tenant")
_STILL_CONNECTED = text("SELECT")
_TABLES = """SELECT c.table AS name FROM system.columns c JOIN system.tables t USING (database, table)
WHERE c.database = currentDatabase() AND c.name = 'tenant_id' AND t.engine LIKE '%MergeTree'"""
KEYS_AT_ONCE = 500


async def purge_kernel(uow: UnitOfWork) -> None:
    """Jobs for the unit of work's tenant but this one, failures that name it, and the answers remembered for it.

    A job that runs meanwhile finds itself lost, so its failure is not tried again for an organization that is gone.
    """
    tenant = {"tenant": str(uow.tenant_id)}
    await uow.execute(_JOBS, tenant | {"own": uow.job.id if uow.job else 0})
    await uow.execute(_FAILURES, tenant)
    await uow.execute(_ANSWERS, tenant)


async def purge_clickhouse(runtime: Runtime, tenant_id: UUID) -> None:
    """Rewrites the parts that hold rows of the tenant, and returns when that is done. Raises EngineUnavailable."""
    for table in await runtime.clickhouse.query(_TABLES):
        statement = f"ALTER TABLE {table['name']} DELETE WHERE tenant_id = {{tenant:UUID}}"
        await runtime.clickhouse.mutate(statement, {"tenant": tenant_id})


async def purge_valkey(uow: UnitOfWork) -> None:
    """Every key of the tenant, tombstones of its API keys included: nobody asks for them any more.

    Raises when the transaction's connection was lost on the way: whatever it locked is open to others again.
    """
    await uow.execute(_STILL_CONNECTED)
    client = uow.runtime.valkey.client
    found = [key async for key in client.scan_iter(match=f"*{{{uow.tenant_id}}}*", count=KEYS_AT_ONCE)]
    for first in range(0, len(found), KEYS_AT_ONCE):  # all in one slot of a cluster, by their hash tag
        await client.unlink(*found[first : first + KEYS_AT_ONCE])
