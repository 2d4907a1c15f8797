"""Faults on demand, from a seed: the n-th draw of a fault is a function of its seed and n alone.

So equal faults on equal requests give equal traces, and a failure that was seen once can be seen again. Draws are
committed before the request begins, whatever becomes of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from sqlalchemy import Row, text
from starlette.requests import Request
from starlette.responses import Response

from septet.kernel.uow import UnitOfWork
from septet.services.provider.errors import RateLimited

RequestFault = Literal[
    "latency", "timeout_after_success", "error_before_commit", "error_after_commit", "rate_limited", "connection_reset"
]
WebhookFault = Literal[
    "webhook_delayed",
    "webhook_duplicated",
    "webhook_reordered",
    "webhook_dropped",
    "webhook_bad_signature",
    "webhook_altered",
]
Kind = RequestFault | WebhookFault
DEFAULT_DELAYS_MS = {
    "latency": 500,
    "timeout_after_success": 2000,
    "webhook_delayed": 10_000,
    "webhook_reordered": 2000,
}
RESET = "septet.reset"

_FAULTS = text(
    """SELECT id, operation, kind, probability, remaining, delay_ms, seed, draws FROM provider.faults
       WHERE account = :account AND starts_with(kind, 'webhook_') = :webhooks ORDER BY id FOR UPDATE"""
)
_DRAWN = text(
    """UPDATE provider.faults SET draws = draws + 1, remaining = remaining - CAST(:applied AS boolean)::int
       WHERE account = :account AND id = :id"""
)
_USED_UP = text("DELETE FROM provider.faults WHERE account = :account AND remaining <= 0")
_TRACE = text(
    """WITH counted AS (UPDATE provider.accounts SET trace_length = trace_length + 1 WHERE id = :account
                        RETURNING trace_length)
       INSERT INTO provider.trace (account, sequence, operation, kind, draw, applied)
       SELECT :account, trace_length, :operation, :kind, :draw, :applied FROM counted"""
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to go wrong with one request or one delivery; `kind` None: nothing. `delay` in seconds."""

    kind: Kind | None = None
    delay: float = 0.0


NOTHING = Verdict()


async def verdict(uow: UnitOfWork, account: str, operation: str) -> Verdict:
    """Draw for a request; committed at once."""
    drawn = await _draw(uow, account, operation, webhooks=False)
    await uow.commit()
    return drawn


async def verdict_of_delivery(uow: UnitOfWork, account: str, operation: str, event_type: str) -> Verdict:
    """Draw for one delivery of an event; a fault names the operation that caused it, or the event's type."""
    return await _draw(uow, account, operation, event_type, webhooks=True)


async def _draw(uow: UnitOfWork, account: str, *names: str, webhooks: bool) -> Verdict:
    faults = (await uow.execute(_FAULTS, {"account": account, "webhooks": webhooks})).all()
    for fault in _matching(faults, names):
        draw = draw_of(fault.seed, fault.draws)
        applied = draw < fault.probability
        await uow.execute(_DRAWN, {"account": account, "id": fault.id, "applied": applied})
        await uow.execute(
            _TRACE,
            {"account": account, "operation": names[-1], "kind": fault.kind, "draw": draw, "applied": applied},
        )
        if applied:
            await uow.execute(_USED_UP, {"account": account})
            delay_ms = DEFAULT_DELAYS_MS.get(fault.kind, 0) if fault.delay_ms is None else fault.delay_ms
            return Verdict(fault.kind, delay_ms / 1000)
    return NOTHING


def _matching(faults: Sequence[Row[Any]], names: Sequence[str]) -> list[Row[Any]]:
    return [
        fault
        for fault in faults
        if fault.operation == "*"
        or fault.operation in names
        or (fault.operation.endswith(".*") and any(name.startswith(fault.operation[:-1]) for name in names))
    ]


def draw_of(seed: int, number: int) -> float:
    """The `number`-th draw of a seed: uniform in [0, 1)."""
    return int.from_bytes(blake2b(f"{seed}:{number}".encode(), digest_size=7).digest()) / 2**56


class HungUp(Exception):
    """The client is to get no answer at all."""


async def before(verdict: Verdict) -> None:
    """What goes wrong before the operation begins. Raises RateLimited, HungUp."""
    match verdict.kind:
        case "latency":
            await asyncio.sleep(verdict.delay)
        case "rate_limited":
            raise RateLimited
        case "connection_reset":
            raise HungUp


async def after(verdict: Verdict) -> None:
    """What goes wrong after the commit: the client waits in vain for news of its success. Raises HungUp."""
    if verdict.kind == "timeout_after_success":
        await asyncio.sleep(verdict.delay)
        raise HungUp


async def hang_up(request: Request) -> Response:
    """Reset the connection without a byte of an answer; what is returned reaches nobody.

    Raises ConnectionResetError where there is no connection (in process).
    """
    reset = request.scope.get("extensions", {}).get(RESET)
    if reset is None:
        raise ConnectionResetError("the connection was reset, as a fault demanded")
    reset["now"]()
    await asyncio.sleep(0)  # so that the server learns of it first
    return Response(status_code=503)
