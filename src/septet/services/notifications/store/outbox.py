"""The outbox: what is due, who works on it, and the settlement of what was done.

A worker asks which tenants have something due and then works tenant by tenant, under row-level security. What it asks
without a tenant are functions of the schema's owner (migration 0006), which tell ids and kinds, never content.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from septet.kernel.uow import UnitOfWork

_DUE_TENANTS = text("SELECT * FROM notifications.due_tenants(:kind, :now, :limit)")
_DUE_KINDS = text(
    """SELECT kind FROM unnest(CAST(:kinds AS text[])) AS kind
       WHERE EXISTS (SELECT FROM notifications.due_tenants(kind, :now, 1))"""
)
_CLAIM = text(
    """UPDATE notifications.outbox o SET claimed_by = :worker
       FROM (SELECT id FROM notifications.outbox
             WHERE tenant_id = :tenant AND kind = :kind AND lane = '' AND due_at <= :now AND claimed_by IS NULL
             ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) due
       WHERE o.tenant_id = :tenant AND o.id = due.id RETURNING o.id, o.lane"""
)
# A lane is one webhook endpoint: at most `per_lane` of each, found by hopping over the index from lane to lane, so that
# a long queue of one endpoint is not even looked at.
_CLAIM_BY_LANE = text(
    """WITH RECURSIVE busy AS (
         SELECT * FROM unnest(CAST(:lanes AS text[]), CAST(:counts AS integer[])) AS t (lane, count)),
       lanes AS (
         (SELECT lane FROM notifications.outbox
          WHERE tenant_id = :tenant AND kind = :kind AND claimed_by IS NULL ORDER BY lane LIMIT 1)
         UNION ALL
         SELECT (SELECT o.lane FROM notifications.outbox o
                 WHERE o.tenant_id = :tenant AND o.kind = :kind AND o.claimed_by IS NULL AND o.lane > lanes.lane
                 ORDER BY o.lane LIMIT 1)
         FROM lanes WHERE lanes.lane IS NOT NULL),
       due AS (
         SELECT d.id FROM lanes CROSS JOIN LATERAL (
           SELECT id FROM notifications.outbox
           WHERE tenant_id = :tenant AND kind = :kind AND lane = lanes.lane AND due_at <= :now AND claimed_by IS NULL
           ORDER BY due_at LIMIT greatest(0, :per_lane - coalesce((SELECT busy.count FROM busy
             WHERE busy.lane = lanes.lane), 0)) FOR UPDATE SKIP LOCKED) d
         WHERE lanes.lane IS NOT NULL LIMIT :limit)
       UPDATE notifications.outbox o SET claimed_by = :worker FROM due
       WHERE o.tenant_id = :tenant AND o.id = due.id RETURNING o.id, o.lane"""
)
_RELEASE_ORPHANS = text("SELECT * FROM notifications.release_orphans(:namespace)")
_FINISH = text(
    """DELETE FROM notifications.outbox
       WHERE tenant_id = :tenant AND id = ANY(:ids) AND claimed_by = :worker RETURNING id"""
)
_POSTPONE = text(
    """UPDATE notifications.outbox o SET claimed_by = NULL, due_at = later.due_at
       FROM unnest(CAST(:ids AS uuid[]), CAST(:due AS timestamptz[])) AS later (id, due_at)
       WHERE o.tenant_id = :tenant AND o.id = later.id AND o.claimed_by = :worker RETURNING o.id"""
)
_ADD = text(
    """INSERT INTO notifications.outbox (tenant_id, id, kind, lane, due_at)
       SELECT :tenant, id, :kind, lane, due_at
       FROM unnest(CAST(:ids AS uuid[]), CAST(:lanes AS text[]), CAST(:due AS timestamptz[])) AS t (id, lane, due_at)
       ON CONFLICT DO NOTHING"""
)
_CANCEL = text(
    """DELETE FROM notifications.outbox WHERE tenant_id = :tenant AND id = ANY(:ids) AND claimed_by IS NULL
       RETURNING id"""
)
_SETTLE = text(
    """UPDATE notifications.deliveries d
       SET status = s.status, reason = s.reason, trace = d.trace || s.entries, attempts = d.attempts + s.attempts,
           locale = coalesce(s.locale, d.locale), digest_id = coalesce(s.digest_id, d.digest_id), updated_at = :now
       FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:reasons AS text[]), CAST(:entries AS jsonb[]),
         CAST(:attempts AS integer[]), CAST(:locales AS text[]), CAST(:digests AS uuid[]))
         AS s (id, status, reason, entries, attempts, locale, digest_id)
       WHERE d.tenant_id = :tenant AND d.id = s.id
       RETURNING d.id, d.notification_id, d.channel, d.recipient, d.status, d.reason"""
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a delivery. `due_at` set: it stays in the outbox until then."""

    id: UUID
    status: str
    outcome: str
    reason: str
    detail: dict[str, Any] | None = None
    attempts: int = 0
    locale: str | None = None
    digest_id: UUID | None = None
    due_at: datetime | None = None
    earlier: list[dict[str, Any]] = field(default_factory=list)


async def due_tenants(uow: UnitOfWork, kind: str, limit: int) -> Sequence[UUID]:
    """Some of the tenants that have due items of a kind which nobody works on, in no order."""
    return (await uow.session.execute(_DUE_TENANTS, {"kind": kind, "now": uow.now, "limit": limit})).scalars().all()


async def due_kinds(uow: UnitOfWork, kinds: Sequence[str]) -> Sequence[str]:
    """Those of the kinds of which somebody has due items that nobody works on."""
    return (await uow.session.execute(_DUE_KINDS, {"kinds": kinds, "now": uow.now})).scalars().all()


async def claim(uow: UnitOfWork, worker: int, kind: str, limit: int) -> Sequence[Row[UUID, str]]:
    """Take due items of a kind, the longest due first; they are this worker's until it settles them or dies."""
    parameters = {"tenant": uow.tenant_id, "worker": worker, "kind": kind, "now": uow.now, "limit": limit}
    return (await uow.session.execute(_CLAIM, parameters)).all()


async def claim_by_lane(
    uow: UnitOfWork, worker: int, kind: str, limit: int, per_lane: int, busy: Mapping[str, int]
) -> Sequence[Row[UUID, str]]:
    """The same, with at most `per_lane` of each lane, those that are `busy` already (by lane) included."""
    parameters = {"tenant": uow.tenant_id, "worker": worker, "kind": kind, "now": uow.now, "limit": limit}
    parameters |= {"per_lane": per_lane, "lanes": list(busy), "counts": list(busy.values())}
    return (await uow.session.execute(_CLAIM_BY_LANE, parameters)).all()


async def release_orphans(uow: UnitOfWork, namespace: int) -> list[str]:
    """Give back what dead workers had claimed; returns the kinds that have work again."""
    return sorted(set((await uow.session.execute(_RELEASE_ORPHANS, {"namespace": namespace})).scalars()))


async def finish(uow: UnitOfWork, worker: int, ids: Sequence[UUID]) -> set[UUID]:
    """Take items out that are done; returns those that were still this worker's."""
    if not ids:
        return set()
    parameters = {"tenant": uow.tenant_id, "ids": list(ids), "worker": worker}
    return set((await uow.session.execute(_FINISH, parameters)).scalars())


async def postpone(uow: UnitOfWork, worker: int, items: Sequence[tuple[UUID, datetime]]) -> set[UUID]:
    """Give items back until later; returns those that were still this worker's."""
    if not items:
        return set()
    parameters = {"tenant": uow.tenant_id, "ids": [i for i, _ in items], "due": [d for _, d in items], "worker": worker}
    return set((await uow.session.execute(_POSTPONE, parameters)).scalars())


async def add(uow: UnitOfWork, kind: str, items: Sequence[tuple[UUID, str, datetime]]) -> None:
    """Put (id, lane, due) into the outbox; what is there already stays as it is."""
    if items:
        ids, lanes, due = map(list, zip(*items, strict=True))
        await uow.session.execute(_ADD, {"tenant": uow.tenant_id, "kind": kind, "ids": ids, "lanes": lanes, "due": due})


async def cancel(uow: UnitOfWork, ids: Sequence[UUID]) -> set[UUID]:
    """Take items out that nobody works on yet; returns those."""
    return set((await uow.session.execute(_CANCEL, {"tenant": uow.tenant_id, "ids": list(ids)})).scalars())


async def settle(uow: UnitOfWork, settlements: Sequence[Settlement]) -> Sequence[Row[Any]]:
    """Write the deliveries' new states and append to their traces; returns what receipts need."""
    if not settlements:
        return []
    return (
        await uow.session.execute(
            _SETTLE,
            {
                "tenant": uow.tenant_id,
                "now": uow.now,
                "ids": [s.id for s in settlements],
                "statuses": [s.status for s in settlements],
                "reasons": [s.reason for s in settlements],
                "entries": [_entries(s, uow.now) for s in settlements],
                "attempts": [s.attempts for s in settlements],
                "locales": [s.locale for s in settlements],
                "digests": [s.digest_id for s in settlements],
            },
        )
    ).all()


def _entries(settlement: Settlement, now: datetime) -> str:
    entry = {"at": now.isoformat(), "outcome": settlement.outcome, "reason": settlement.reason}
    if settlement.detail:
        entry["detail"] = settlement.detail  # type: ignore[assignment]
    return json.dumps([*settlement.earlier, entry])
