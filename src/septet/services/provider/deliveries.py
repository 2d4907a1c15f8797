"""Webhooks: planned in the transaction that caused the event, sent by jobs, signed and retried as Stripe does.

A delivery is due by its account's clock. A job that comes too early or too late finds nothing to do, so moving the
clock forward just starts another job. Delivery is at least once, in no promised order.
"""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import Row, text

from septet.kernel.jobs import job
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.provider import chaos
from septet.services.provider.call import Call

Json = dict[str, Any]

RETRY_SECONDS = (5, 60, 300, 1800, 7200, 18_000, 36_000, 36_000, 72_000, 86_400)  # 71.6 hours in all
TIMEOUT_SECONDS = 20.0
MOST_AT_ONCE = 500
USER_AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"

_ADD = text(
    """INSERT INTO provider.deliveries (account, id, event_id, endpoint_id, state, attempts, due_at, spoiled)
       SELECT :account, u.id, u.event_id, u.endpoint_id, u.state, 0, u.due_at, u.spoiled
       FROM unnest(CAST(:ids AS uuid[]), CAST(:events AS text[]), CAST(:endpoints AS text[]), CAST(:states AS text[]),
                   CAST(:due AS double precision[]), CAST(:spoiled AS text[]))
         AS u(id, event_id, endpoint_id, state, due_at, spoiled)"""
)
_DUE = text(
    """SELECT d.id, d.attempts, d.spoiled, e.body::text AS event, w.body->>'url' AS url, w.body->>'secret' AS secret
       FROM provider.deliveries d JOIN provider.accounts a ON a.id = d.account
       JOIN provider.objects e ON e.account = d.account AND e.id = d.event_id
       JOIN provider.objects w ON w.account = d.account AND w.id = d.endpoint_id AND w.body->>'status' = 'enabled'
       WHERE d.account = :account AND d.id = ANY(:ids) AND d.state = 'pending'
         AND d.due_at <= :now + a.clock_offset + 0.05"""
)
_NOTE = text(
    """UPDATE provider.deliveries d SET state = :state, attempts = attempts + 1, spoiled = NULL, last_status = :status,
         last_error = :error, due_at = CAST(:now AS double precision) + :delay
           + (SELECT clock_offset FROM provider.accounts WHERE id = :account)
       WHERE account = :account AND id = :id AND attempts = :attempts AND state = 'pending'"""
)
_BECAME_DUE = text(
    """SELECT d.id FROM provider.deliveries d JOIN provider.accounts a ON a.id = d.account
       WHERE d.account = :account AND d.state = 'pending' AND d.due_at <= :now + a.clock_offset
       ORDER BY d.due_at LIMIT :limit"""
)
_OF_EVENT = text(
    """SELECT id, event_id, endpoint_id, state, attempts, due_at, last_status, last_error
       FROM provider.deliveries WHERE account = :account AND (CAST(:event AS text) IS NULL OR event_id = :event)
       ORDER BY id DESC LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class Due:
    """Deliveries of one account to try."""

    account: str
    ids: list[UUID]


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery about to be stored; `delay` in seconds, `spoiled`: the fault of its first attempt."""

    id: UUID
    event_id: str
    endpoint_id: str
    delay: float = 0.0
    spoiled: str | None = None
    dropped: bool = False


async def plan(call: Call) -> None:
    """Plan the deliveries of the call's events to the endpoints that want them."""
    if not call.events or not call.endpoints:
        return
    planned: list[Planned] = []
    for event in call.events:
        sendings = to_all(call, event)
        event["pending_webhooks"] = len(sendings)
        for sending in sendings:
            planned += await _with_faults(call, event, sending) if call.chaotic else [sending]
    await add(call.uow, call.account, planned, call.now)


def to_all(call: Call, event: Json) -> list[Planned]:
    """One delivery of the event to each enabled endpoint that wants it."""
    return [
        Planned(call.uow.new_id(), event["id"], endpoint["id"])
        for endpoint in json.loads(call.endpoints or "[]")
        if endpoint["status"] == "enabled" and {"*", event["type"]} & set(endpoint["enabled_events"])
    ]


async def _with_faults(call: Call, event: Json, sending: Planned) -> list[Planned]:
    verdict = await chaos.verdict_of_delivery(call.uow, call.account, call.operation, event["type"])
    match verdict.kind:
        case "webhook_delayed" | "webhook_reordered":
            return [replace(sending, delay=verdict.delay)]
        case "webhook_duplicated":
            return [sending, replace(sending, id=call.uow.new_id(), delay=verdict.delay)]
        case "webhook_dropped":
            return [replace(sending, dropped=True)]
        case "webhook_bad_signature" | "webhook_altered":
            return [replace(sending, spoiled=verdict.kind)]
    return [sending]


async def add(uow: UnitOfWork, account: str, planned: list[Planned], now: float) -> None:
    """Store deliveries and start the jobs that send them; `now`: the account's time."""
    if not planned:
        return
    parameters = {
        "account": account,
        "ids": [each.id for each in planned],
        "events": [each.event_id for each in planned],
        "endpoints": [each.endpoint_id for each in planned],
        "states": ["dropped" if each.dropped else "pending" for each in planned],
        "due": [now + each.delay for each in planned],
        "spoiled": [each.spoiled for each in planned],
    }
    await uow.execute(_ADD, parameters)
    for delay in sorted({each.delay for each in planned if not each.dropped}):
        due = [each.id for each in planned if each.delay == delay and not each.dropped]
        uow.enqueue(deliver, Due(account, due), at=uow.now + timedelta(seconds=delay) if delay else None)


async def start_due(uow: UnitOfWork, account: str) -> None:
    """Start what became due when the account's clock was moved."""
    found = await uow.execute(_BECAME_DUE, {"account": account, "now": uow.clock.unix(), "limit": MOST_AT_ONCE})
    if ids := list(found.scalars()):
        uow.enqueue(deliver, Due(account, ids))


async def listed(uow: UnitOfWork, account: str, event_id: str | None, limit: int) -> list[Json]:
    """The newest deliveries first."""
    rows = await uow.execute(_OF_EVENT, {"account": account, "event": event_id, "limit": limit})
    return [dict(row._mapping) | {"id": str(row.id)} for row in rows]


@job(max_attempts=5)
async def deliver(uow: UnitOfWork, due: Due) -> None:
    """Try deliveries that are due; the connection to the database is free while receivers think."""
    parameters = {"account": due.account, "ids": due.ids, "now": uow.clock.unix()}
    rows = (await uow.execute(_DUE, parameters)).all()
    await uow.commit()
    client = uow.runtime.shared(webhook_client)
    outcomes = await asyncio.gather(*(_attempt(client, row, int(uow.clock.unix())) for row in rows))
    for row, (status, error) in zip(rows, outcomes, strict=True):
        await _note(uow, due.account, row, status, error)


async def _attempt(client: httpx.AsyncClient, row: Row[Any], timestamp: int) -> tuple[int | None, str | None]:
    """One try: the receiver's status, or why there is none."""
    body = json.dumps(json.loads(row.event), indent=2)
    secret = "spoiled" if row.spoiled == "webhook_bad_signature" else row.secret
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": USER_AGENT,
        "Stripe-Signature": signature(secret, timestamp, body),
    }
    if row.spoiled == "webhook_altered":
        body = body.replace('"amount": ', '"amount": 9', 1) if '"amount": ' in body else body + " "
    try:
        response = await client.post(row.url, content=body.encode(), headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return None, f"{type(error).__name__}: {error}"[:500]
    return response.status_code, None


async def _note(uow: UnitOfWork, account: str, row: Row[Any], status: int | None, error: str | None) -> None:
    """Record the outcome; what failed is tried again later, for three days."""
    delivered = status is not None and 200 <= status < 300
    last = row.attempts >= len(RETRY_SECONDS)
    delay = 0 if delivered or last else RETRY_SECONDS[row.attempts]
    state = "delivered" if delivered else "failed" if last else "pending"
    parameters = {"account": account, "id": row.id, "attempts": row.attempts, "state": state, "status": status}
    now = uow.clock.unix()
    noted = await uow.execute(_NOTE, parameters | {"error": error, "delay": delay, "now": now})
    if state == "pending" and noted.rowcount:  # type: ignore[attr-defined]
        uow.enqueue(deliver, Due(account, [row.id]), at=uow.now + timedelta(seconds=delay))


def signature(secret: str, timestamp: int, body: str) -> str:
    """The header `Stripe-Signature`; the key is the secret as it is written, prefix included."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def webhook_client(_: Runtime) -> httpx.AsyncClient:
    """Redirects count as failures, as at Stripe."""
    return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False)
