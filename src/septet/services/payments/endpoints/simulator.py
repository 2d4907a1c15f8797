"""`/payments/simulator`: faults of the fake provider, on purpose, for the owners of organizations."""

from typing import Annotated

from fastapi import Query

from septet.kernel.errors import Forbidden, InvalidInput, Unauthenticated
from septet.kernel.http import Router, TenantUow, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.payments.errors import NoSimulator, ProviderUnavailable
from septet.services.payments.permissions import SIMULATE
from septet.services.payments.schemas import FaultOut, Faults, FaultWanted, Trace
from septet.services.payments.simulation import Json, ask_simulator

router = Router("payments")
REFUSALS = refusals(Unauthenticated, Forbidden, NoSimulator, ProviderUnavailable, InvalidInput)


FAULTS = "/payments/simulator/faults"


@router.get(FAULTS, summary="List what goes wrong at the fake provider", responses=REFUSALS)
async def list_provider_faults(uow: TenantUow) -> Faults:
    return Faults(data=(await _asked(uow, "GET", "faults"))["data"])


@router.post(FAULTS, status_code=201, summary="Make something go wrong at the fake provider", responses=REFUSALS)
async def create_provider_fault(body: FaultWanted, uow: TenantUow) -> FaultOut:
    wanted = body.model_dump(by_alias=True, exclude_none=True)
    return FaultOut.model_validate(await _asked(uow, "POST", "faults", wanted))


@router.delete(FAULTS, status_code=204, summary="Let nothing go wrong any more", responses=REFUSALS)
async def clear_provider_faults(uow: TenantUow) -> None:
    await _asked(uow, "DELETE", "faults")


@router.get("/payments/simulator/trace", summary="Read whether each fault happened each time", responses=REFUSALS)
async def read_provider_trace(
    uow: TenantUow,
    after: Annotated[int, Query(ge=0, description="Only decisions after this one.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 100,
) -> Trace:
    return Trace(data=(await _asked(uow, "GET", f"trace?after={after}&limit={limit}"))["data"])


async def _asked(uow: UnitOfWork, method: str, path: str, body: Json | None = None) -> Json:
    uow.actor.require(SIMULATE)
    await uow.commit()  # nothing is held while the provider is asked
    return await ask_simulator(uow.runtime, method, path, body)
