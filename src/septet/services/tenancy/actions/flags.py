"""Feature flags: those of the plan, which it alone decides, and the organization's own."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.subscriptions import current
from septet.services.tenancy.errors import FlagNotFound, FlagOfPlan, FlagTypeMismatch
from septet.services.tenancy.events import EntitlementChanged
from septet.services.tenancy.flags import Evaluation, evaluate, of_plan
from septet.services.tenancy.models import Flag, FlagOverride
from septet.services.tenancy.plans import DESCRIPTIONS, PLANS
from septet.services.tenancy.store import flags as store

_KINDS = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object", list: "array"}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a flag should be. `percentage` of users get `value`, the others `off_value`."""

    description: str
    enabled: bool
    value: Any
    off_value: Any
    percentage: Decimal
    starts_at: datetime | None
    ends_at: datetime | None


async def evaluate_all(uow: UnitOfWork, targeting_key: str | None) -> list[Evaluation]:
    """Every flag's value for a user; for the caller when none is named."""
    uow.actor.require(permissions.READ_FLAGS)
    target = targeting_key or default_target(uow)
    plan = (await current(uow)).plan
    rows = {row.key: row for row in await store.flags(uow)}
    own = await store.overrides_of(uow, target)
    keys = sorted(rows.keys() | PLANS[plan].features.keys())
    return [
        evaluate(rows[key], own.get(key), target, uow.now)
        if key in rows
        else of_plan(key, PLANS[plan].features[key], plan)
        for key in keys
    ]


async def evaluate_one(uow: UnitOfWork, key: str, targeting_key: str | None) -> Evaluation:
    """Raises FlagNotFound."""
    for evaluation in await evaluate_all(uow, targeting_key):
        if evaluation.key == key:
            return evaluation
    raise FlagNotFound(f"There is no flag `{key}`; GET /features lists them.")


def default_target(uow: UnitOfWork) -> str:
    """The caller, or for an API key its organization."""
    return str(uow.actor.user_id or uow.tenant_id)


def description_of(key: str, flag: Flag | None) -> str:
    return flag.description if flag is not None else DESCRIPTIONS.get(key, "")


async def put_flag(uow: UnitOfWork, key: str, wanted: Definition) -> Flag:
    """Add or change a flag of the organization; the operator may also override the plan's.

    Raises FlagOfPlan, FlagTypeMismatch.
    """
    uow.actor.require(permissions.CHANGE_FLAGS)
    _require_own(uow, key)
    kinds = {kind_of(wanted.value), kind_of(wanted.off_value)}
    if key in DESCRIPTIONS:
        kinds.add(kind_of(PLANS["FREE"].features[key]))
    if len(kinds) > 1:
        raise FlagTypeMismatch(f"`value` and `offValue` must be of one type, not {' and '.join(sorted(kinds))}.")
    flag = Flag(
        tenant_id=uow.tenant_id,
        key=key,
        description=wanted.description,
        enabled=wanted.enabled,
        value=wanted.value,
        off_value=wanted.off_value,
        percentage=wanted.percentage,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        set_by="operator" if uow.actor.kind == "system" else "tenant",
        updated_at=uow.now,
    )
    await store.save(uow, flag)
    _announce(uow, key)
    audit.record(uow, "flag.set", key, enabled=flag.enabled, value=flag.value, percentage=str(flag.percentage))
    return flag


def _announce(uow: UnitOfWork, key: str) -> None:
    if key in DESCRIPTIONS:
        uow.emit(EntitlementChanged(uow.tenant_id, key))


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    return _KINDS.get(type(value), "null")


async def get_flag(uow: UnitOfWork, key: str) -> tuple[Flag, list[FlagOverride]]:
    """The definition, with the values of single users. Raises FlagNotFound."""
    uow.actor.require(permissions.READ_FLAGS)
    return await _found(uow, key), list(await store.overrides(uow, key))


async def delete_flag(uow: UnitOfWork, key: str) -> None:
    """Raises FlagNotFound, FlagOfPlan."""
    uow.actor.require(permissions.CHANGE_FLAGS)
    _require_own(uow, key)
    if not await store.remove(uow, key):
        raise FlagNotFound(f"There is no flag `{key}`; GET /features lists them.")
    _announce(uow, key)
    audit.record(uow, "flag.deleted", key)


async def set_for_user(uow: UnitOfWork, key: str, targeting_key: str, value: Any) -> None:
    """Give one user a value of their own. Raises FlagNotFound, FlagOfPlan, FlagTypeMismatch."""
    uow.actor.require(permissions.CHANGE_FLAGS)
    _require_own(uow, key)
    flag = await _found(uow, key)
    if kind_of(value) != kind_of(flag.value):
        raise FlagTypeMismatch(f"`value` must be a {kind_of(flag.value)}, as the flag's is.")
    await store.set_override(uow, key, targeting_key, value)
    audit.record(uow, "flag.set_for_user", key, targetingKey=targeting_key, value=value)


async def unset_for_user(uow: UnitOfWork, key: str, targeting_key: str) -> None:
    """Raises FlagNotFound, FlagOfPlan."""
    uow.actor.require(permissions.CHANGE_FLAGS)
    _require_own(uow, key)
    if not await store.remove_override(uow, key, targeting_key):
        raise FlagNotFound(f"`{key}` has no value of its own for this user.")
    audit.record(uow, "flag.unset_for_user", key, targetingKey=targeting_key)


def _require_own(uow: UnitOfWork, key: str) -> None:
    if key in DESCRIPTIONS and uow.actor.kind != "system":
        raise FlagOfPlan(f"`{key}` follows the plan; POST /billing/change changes that.")


async def _found(uow: UnitOfWork, key: str) -> Flag:
    flag = await store.flag(uow, key)
    if flag is None:
        raise FlagNotFound(f"The organization has no flag `{key}`; GET /features lists them.")
    return flag
