"""`/simulator`: faults, trace, clock, snapshots, reset, deliveries; JSON, for the account of the API key.

Without a key these act on the account of `sk_test_septet`, which Septet's own payments use unless set otherwise.
"""

from typing import Any

from septet.services.provider.actions import simulator as actions
from septet.services.provider.call import Call
from septet.services.provider.operations import Operations
from septet.services.provider.schemas import (
    ClockAdvance,
    DeliveryQuery,
    FaultCreate,
    Nothing,
    Reset,
    SnapshotRestore,
    TraceQuery,
)

Json = dict[str, Any]
simulator = Operations("/simulator", "simulator", simulator=True)


@simulator.post("/faults", "simulator.faults.create", FaultCreate, summary="Make something go wrong")
async def create_fault(call: Call, params: FaultCreate) -> Json:
    return await actions.add_fault(call, params)


@simulator.get("/faults", "simulator.faults.list", Nothing, summary="List what goes wrong")
async def list_faults(call: Call, _: Nothing) -> Json:
    return await actions.faults(call)


@simulator.delete("/faults", "simulator.faults.clear", Nothing, summary="Let nothing go wrong any more")
async def clear_faults(call: Call, _: Nothing) -> Json:
    return await actions.remove_faults(call)


@simulator.delete("/faults/{id}", "simulator.faults.delete", Nothing, summary="Remove one fault")
async def delete_fault(call: Call, _: Nothing) -> Json:
    return await actions.remove_faults(call)


@simulator.get("/trace", "simulator.trace", TraceQuery, summary="Read every draw of every fault")
async def read_trace(call: Call, params: TraceQuery) -> Json:
    return await actions.trace(call, params)


@simulator.post("/clock/advance", "simulator.clock.advance", ClockAdvance, summary="Move the account's clock forward")
async def advance_clock(call: Call, params: ClockAdvance) -> Json:
    return await actions.advance_clock(call, params)


@simulator.post("/reset", "simulator.reset", Reset, summary="Forget everything of the account")
async def reset(call: Call, params: Reset) -> Json:
    return await actions.reset(call, params)


@simulator.post("/snapshots", "simulator.snapshots.create", Nothing, summary="Keep the account as it is")
async def create_snapshot(call: Call, _: Nothing) -> Json:
    return await actions.snapshot(call)


@simulator.get("/snapshots", "simulator.snapshots.list", Nothing, summary="List snapshots")
async def list_snapshots(call: Call, _: Nothing) -> Json:
    return await actions.snapshots(call)


@simulator.post("/restore", "simulator.restore", SnapshotRestore, summary="Put a snapshot back")
async def restore_snapshot(call: Call, params: SnapshotRestore) -> Json:
    return await actions.restore(call, params)


@simulator.get("/deliveries", "simulator.deliveries.list", DeliveryQuery, summary="List webhook deliveries")
async def list_deliveries(call: Call, params: DeliveryQuery) -> Json:
    return await actions.deliveries_of(call, params)


@simulator.post("/events/{id}/resend", "simulator.events.resend", Nothing, summary="Send an event once more")
async def resend_event(call: Call, _: Nothing) -> Json:
    return await actions.resend(call)
