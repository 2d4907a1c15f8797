"""What Stripe does not have: faults, their trace, the account's clock, snapshots, reset, deliveries."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from septet.services.provider import deliveries
from septet.services.provider.call import Call
from septet.services.provider.chaos import DEFAULT_DELAYS_MS
from septet.services.provider.errors import ResourceMissing
from septet.services.provider.schemas import (
    ClockAdvance,
    DeliveryQuery,
    FaultCreate,
    Reset,
    SnapshotRestore,
    TraceQuery,
)

Json = dict[str, Any]

_ADD_FAULT = text(
    """INSERT INTO provider.faults (account, id, operation, kind, probability, remaining, delay_ms, seed, draws)
       VALUES (:account, :id, :operation, :kind, :probability, :remaining, :delay_ms, :seed, 0)"""
)
_FAULTS = text("SELECT * FROM provider.faults WHERE account = :account ORDER BY id")
_TRACE = text(
    """SELECT sequence, operation, kind, draw, applied FROM provider.trace
       WHERE account = :account AND sequence > :after ORDER BY sequence LIMIT :limit"""
)
_ADVANCE = text(
    "UPDATE provider.accounts SET clock_offset = clock_offset + :seconds WHERE id = :account RETURNING clock_offset"
)
_FORGET_TRACE = text("UPDATE provider.accounts SET trace_length = 0 WHERE id = :account")
_SNAPSHOT = text(
    """INSERT INTO provider.snapshots (account, id, created, clock_offset, objects, faults)
       SELECT a.id, :id, :now, a.clock_offset,
              (SELECT coalesce(json_agg(o ORDER BY o.seq), '[]') FROM provider.objects o WHERE o.account = a.id),
              (SELECT coalesce(json_agg(f), '[]') FROM provider.faults f WHERE f.account = a.id)
       FROM provider.accounts a WHERE a.id = :account"""
)
_SNAPSHOTS = text(
    "SELECT id, created, jsonb_array_length(objects) AS objects FROM provider.snapshots WHERE account = :account"
)
_RESTORE_CLOCK = text(
    """UPDATE provider.accounts a SET clock_offset = s.clock_offset FROM provider.snapshots s
       WHERE s.account = :account AND s.id = :id AND a.id = :account RETURNING 1"""
)
_RESTORE_OBJECTS = text(
    """INSERT INTO provider.objects (account, id, kind, created, body)
       SELECT o.account, o.id, o.kind, o.created, o.body FROM provider.snapshots s,
         jsonb_populate_recordset(NULL::provider.objects, s.objects) AS o
       WHERE s.account = :account AND s.id = :id ORDER BY o.seq"""
)
_RESTORE_FAULTS = text(
    """INSERT INTO provider.faults SELECT f.* FROM provider.snapshots s,
         jsonb_populate_recordset(NULL::provider.faults, s.faults) AS f WHERE s.account = :account AND s.id = :id"""
)


async def add_fault(call: Call, params: FaultCreate) -> Json:
    """Something that will go wrong from now on."""
    fault = {
        "id": call.uow.new_id(),
        "operation": params.operation,
        "kind": params.kind,
        "probability": 1.0 if params.probability is None else params.probability,
        "remaining": params.next,
        "delay_ms": params.delay_ms,
        "seed": params.seed,
    }
    await call.uow.execute(_ADD_FAULT, fault | {"account": call.account})
    return _shown(fault | {"draws": 0})


async def faults(call: Call) -> Json:
    rows = await call.uow.execute(_FAULTS, {"account": call.account})
    return {"object": "list", "data": [_shown(dict(row._mapping)) for row in rows]}


def _shown(fault: Json) -> Json:
    delay = DEFAULT_DELAYS_MS.get(fault["kind"]) if fault["delay_ms"] is None else fault["delay_ms"]
    return {
        "id": str(fault["id"]),
        "operation": fault["operation"],
        "kind": fault["kind"],
        "probability": fault["probability"],
        "next": fault["remaining"],
        "delayMs": delay,
        "seed": fault["seed"],
        "draws": fault["draws"],
    }


async def remove_faults(call: Call) -> Json:
    """All of them, or the one that the URL names. Raises ResourceMissing."""
    fault_id = call.path.get("id")
    condition = "" if fault_id is None else " AND id::text = :id"
    statement = text(f"DELETE FROM provider.faults WHERE account = :account{condition}")  # noqa: S608 - a constant
    removed = await call.uow.execute(statement, {"account": call.account} | ({"id": fault_id} if fault_id else {}))
    count: int = removed.rowcount  # type: ignore[attr-defined]
    if fault_id is not None and not count:
        raise ResourceMissing("fault", fault_id, "id")
    return {"object": "list", "deleted": count, "data": []}


async def trace(call: Call, params: TraceQuery) -> Json:
    """Every draw so far, in order. It holds no times and no ids, so that two runs of one seed can be compared."""
    rows = await call.uow.execute(_TRACE, {"account": call.account, "after": params.after, "limit": params.limit})
    return {"object": "list", "data": [dict(row._mapping) for row in rows]}


async def advance_clock(call: Call, params: ClockAdvance) -> Json:
    """Move this account's clock; webhooks that became due are sent."""
    await call.uow.execute(_ADVANCE, {"account": call.account, "seconds": params.seconds})
    await deliveries.start_due(call.uow, call.account)
    return {"now": int(call.now + params.seconds)}


async def reset(call: Call, params: Reset) -> Json:
    """Forget everything of this account; webhook endpoints only if asked, so that tests need not register them anew."""
    kept = "" if params.webhook_endpoints else " AND kind <> 'webhook_endpoint'"
    await _empty(call, kept)
    await call.uow.execute(text("DELETE FROM provider.snapshots WHERE account = :account"), {"account": call.account})
    await call.uow.execute(
        text("UPDATE provider.accounts SET clock_offset = 0 WHERE id = :account"), {"account": call.account}
    )
    return {"reset": True, "account": call.account}


async def _empty(call: Call, kept: str) -> None:
    account = {"account": call.account}
    await call.uow.execute(text(f"DELETE FROM provider.objects WHERE account = :account{kept}"), account)  # noqa: S608 - a constant
    for table in ("idempotency_keys", "deliveries", "faults", "trace"):
        await call.uow.execute(text(f"DELETE FROM provider.{table} WHERE account = :account"), account)  # noqa: S608 - a constant
    await call.uow.execute(_FORGET_TRACE, account)


async def snapshot(call: Call) -> Json:
    """Keep the account as it is: objects, faults and clock."""
    snapshot_id = call.uow.new_id()
    await call.uow.execute(_SNAPSHOT, {"account": call.account, "id": snapshot_id, "now": call.now})
    return {"id": str(snapshot_id), "created": call.now}


async def snapshots(call: Call) -> Json:
    rows = await call.uow.execute(_SNAPSHOTS, {"account": call.account})
    return {
        "object": "list",
        "data": [{"id": str(row.id), "created": row.created, "objects": row.objects} for row in rows],
    }


async def restore(call: Call, params: SnapshotRestore) -> Json:
    """Put a snapshot back, in place of all there is; idempotency keys and deliveries since then are forgotten.

    Raises ResourceMissing.
    """
    try:
        parameters = {"account": call.account, "id": UUID(params.id)}
    except ValueError:
        raise ResourceMissing("snapshot", params.id, "id") from None
    if (await call.uow.execute(_RESTORE_CLOCK, parameters)).first() is None:
        raise ResourceMissing("snapshot", params.id, "id")
    await _empty(call, "")
    await call.uow.execute(_RESTORE_OBJECTS, parameters)
    await call.uow.execute(_RESTORE_FAULTS, parameters)
    return {"id": params.id, "restored": True}


async def deliveries_of(call: Call, params: DeliveryQuery) -> Json:
    """Webhook deliveries with their attempts, newest first."""
    return {"object": "list", "data": await deliveries.listed(call.uow, call.account, params.event, params.limit)}


async def resend(call: Call) -> Json:
    """Send an event once more, to every enabled endpoint that wants it. Raises ResourceMissing."""
    event = await call.get("event", call.path["id"])
    planned = deliveries.to_all(call, event)
    await deliveries.add(call.uow, call.account, planned, call.now)
    return {"object": "list", "data": [{"id": str(each.id), "endpoint": each.endpoint_id} for each in planned]}
