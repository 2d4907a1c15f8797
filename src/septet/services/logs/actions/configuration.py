"""What organizations decide about their logs: retention, saved searches, alerts, masking."""

from typing import Any, TypeVar
from uuid import UUID

from septet.kernel.entitlements import require_quota
from septet.kernel.errors import FieldError, InvalidInput, NotFound
from septet.kernel.uow import UnitOfWork
from septet.services.logs import store
from septet.services.logs.errors import AlertNotFound, MaskNotFound, NameTaken, SearchNotFound
from septet.services.logs.models import Alert, MaskRule, Retention, SavedSearch
from septet.services.logs.permissions import CHANGE_LOGS, READ_LOGS
from septet.services.logs.policy import NAMED_MASKS, POLICY_CHANGED
from septet.services.logs.retention import keep_enforcing
from septet.services.logs.settings import LogsSettings

MOST_MASKS = 20
Named = TypeVar("Named", SavedSearch, Alert, MaskRule)
_NOT_FOUND: dict[type, type[NotFound]] = {SavedSearch: SearchNotFound, Alert: AlertNotFound, MaskRule: MaskNotFound}


async def retention(uow: UnitOfWork) -> Retention:
    """What is set, or the default."""
    uow.actor.require(READ_LOGS)
    days = uow.settings(LogsSettings).retention_days
    return await store.retention(uow) or Retention(days=days, per_service={}, max_bytes=None, max_bytes_per_service={})


async def set_retention(uow: UnitOfWork, values: dict[str, Any]) -> Retention:
    """For what arrives from now on; a job deletes what is stored already and has become too old.

    Raises QuotaExceeded where the plan does not keep lines for so long.
    """
    uow.actor.require(CHANGE_LOGS)
    await require_quota(uow, "logs.retentionDays", max([values["days"], *values["per_service"].values()]))
    row = {**values, "set_at": uow.now}
    await store.set_retention(uow, row)
    _announce_policy(uow)
    return Retention(**row)


async def cap_retention(uow: UnitOfWork, most_days: int) -> None:
    """The plan allows this much: what is set to more is shortened."""
    row = await store.retention(uow)
    if row is None or row.days <= most_days:
        return
    per_service = {name: min(days, most_days) for name, days in row.per_service.items()}
    values = {
        "days": most_days,
        "per_service": per_service,
        "max_bytes": row.max_bytes,
        "max_bytes_per_service": row.max_bytes_per_service,
        "set_at": uow.now,
    }
    await store.set_retention(uow, values)
    keep_enforcing(uow, Retention(**values))
    _announce_policy(uow)


async def save_search(uow: UnitOfWork, name: str, query: dict[str, Any]) -> SavedSearch:
    """Raises NameTaken (409)."""
    uow.actor.require(READ_LOGS)
    search = SavedSearch(tenant_id=uow.tenant_id, id=uow.new_id(), name=name, query=query, created_at=uow.now)
    await _add(uow, search)
    return search


async def create_alert(
    uow: UnitOfWork,
    name: str,
    query: dict[str, Any] | None,
    search_id: UUID | None,
    window_seconds: int,
    threshold: int,
) -> Alert:
    """On a query, or on the query that a saved search has now. Raises NameTaken (409), SearchNotFound (404)."""
    uow.actor.require(CHANGE_LOGS)
    if (query is None) == (search_id is None):
        raise InvalidInput(
            "Give either `query` or `searchId`.", errors=[FieldError("query", "either this or searchId is needed")]
        )
    if search_id is not None:
        query = (await _one(uow, SavedSearch, search_id)).query
    alert = Alert(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        name=name,
        query=query,
        window_seconds=window_seconds,
        threshold=threshold,
        state="calm",
        fired_at=None,
        last_count=0,
        created_at=uow.now,
    )
    await _add(uow, alert)
    return alert


async def create_mask(
    uow: UnitOfWork, name: str, kind: str | None, pattern: str | None, replacement: str | None
) -> MaskRule:
    """Raises NameTaken (409), InvalidInput (422) for a pattern that RE2 does not understand."""
    uow.actor.require(CHANGE_LOGS)
    if (kind is None) == (pattern is None):
        raise InvalidInput("Give either `kind` or `pattern`.", errors=[FieldError("kind", "either this or pattern")])
    if len(await store.all_masks(uow)) >= MOST_MASKS:
        raise InvalidInput(f"An organization may have {MOST_MASKS} masking rules; delete one first.")
    known = NAMED_MASKS[kind] if kind is not None else (pattern or "", "[masked]")
    put = replacement if replacement is not None else known[1]
    await _require_pattern(uow, known[0])
    rule = MaskRule(
        tenant_id=uow.tenant_id, id=uow.new_id(), name=name, pattern=known[0], replacement=put, created_at=uow.now
    )
    await _add(uow, rule)
    _announce_policy(uow)
    return rule


async def _require_pattern(uow: UnitOfWork, pattern: str) -> None:
    try:
        empty = await uow.runtime.clickhouse.query("SELECT match('', {pattern:String}) AS found", {"pattern": pattern})
    except Exception as error:
        raise InvalidInput(
            "`pattern` is no regular expression of RE2.", errors=[FieldError("pattern", str(error)[:300])]
        ) from error
    if empty[0]["found"]:
        raise InvalidInput(
            "`pattern` matches the empty text, so it would match everywhere.",
            errors=[FieldError("pattern", "must not match the empty text")],
        )


async def remove(uow: UnitOfWork, kind: type[Named], row_id: UUID) -> None:
    """Raises the kind's NotFound (404)."""
    uow.actor.require(READ_LOGS if kind is SavedSearch else CHANGE_LOGS)
    if not await store.remove_named(uow, kind, row_id):
        raise _NOT_FOUND[kind]("There is none with this id in the organization.")
    if kind is MaskRule:
        _announce_policy(uow)


async def _one(uow: UnitOfWork, kind: type[Named], row_id: UUID) -> Named:
    found = await store.one_named(uow, kind, row_id)
    if found is None:
        raise _NOT_FOUND[kind]("There is none with this id in the organization.")
    return found


async def _add(uow: UnitOfWork, row: Named) -> None:
    if not await store.add_named(uow, row):
        raise NameTaken("Another one in the organization has this name; choose a different one.")


def _announce_policy(uow: UnitOfWork) -> None:
    tenant = str(uow.tenant_id).encode()

    async def announce() -> None:
        await uow.runtime.broadcast.publish(POLICY_CHANGED, tenant)

    uow.after_commit(announce)
