"""Rules: created, changed, deleted, undone. Each change is in the history, and in force everywhere within a second."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from septet.kernel.errors import EngineUnavailable
from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.limits import permissions
from septet.services.limits.defaults import FREE, REQUESTS_PER_MINUTE, default_rules
from septet.services.limits.errors import NothingToUndo, RuleNotFound, TooManyRules
from septet.services.limits.events import RulesChanged
from septet.services.limits.models import Rule, RuleChange
from septet.services.limits.schemas import RuleIn
from septet.services.limits.settings import LimitsSettings
from septet.services.limits.store import rules as store

CHANGED_CHANNEL = "limits.rules"


async def rules_in_force(uow: UnitOfWork) -> Sequence[tuple[UUID, RuleIn]]:
    """All rules, the disabled ones too; the defaults are made when this is the first time."""
    await ensure_defaults(uow)
    return [(rule.id, definition_of(rule)) for rule in await store.all_rules(uow)]


async def ensure_defaults(uow: UnitOfWork) -> None:
    """Make the default rules, once in an organization's life: deleted ones do not come back."""
    if await store.is_seeded(uow) or not await store.claim_seeding(uow, FREE):
        return
    for definition in default_rules(REQUESTS_PER_MINUTE):
        _add(uow, uow.new_id(), definition, seeded=True)
    await uow.session.flush()


async def apply_allowance(uow: UnitOfWork, requests_per_minute: int) -> None:
    """Give the default rules that nobody has changed the limits that follow from this."""
    await ensure_defaults(uow)
    await store.tenant(uow)
    by_name = {definition.name: definition for definition in default_rules(requests_per_minute)}
    for rule in await store.all_rules(uow):
        wanted = by_name.get(rule.name) if rule.seeded else None
        if wanted is not None and _document(wanted) != rule.definition:
            await _change(uow, rule, wanted, seeded=True)


async def create_rule(uow: UnitOfWork, definition: RuleIn) -> Rule:
    """Raises TooManyRules, Forbidden."""
    uow.actor.require(permissions.CHANGE_LIMITS)
    await ensure_defaults(uow)
    await store.tenant(uow)
    most = uow.settings(LimitsSettings).most_rules
    if await store.count_rules(uow) >= most:
        raise TooManyRules(f"There are {most} rules already; delete one, or raise SEPTET_LIMITS_MOST_RULES.")
    rule = _add(uow, uow.new_id(), definition, seeded=False)
    await uow.session.flush()
    return rule


async def change_rule(uow: UnitOfWork, rule_id: UUID, definition: RuleIn, if_match: str | None) -> Rule:
    """Counters go on: what was used stays used. Raises RuleNotFound, PreconditionFailed, Forbidden."""
    uow.actor.require(permissions.CHANGE_LIMITS)
    rule = await _locked(uow, rule_id)
    require_match(if_match, version_of(rule))
    await _change(uow, rule, definition, seeded=False)
    return rule


async def delete_rule(uow: UnitOfWork, rule_id: UUID) -> None:
    """Raises RuleNotFound, Forbidden."""
    uow.actor.require(permissions.CHANGE_LIMITS)
    rule = await _locked(uow, rule_id)
    await store.remove_rule(uow, rule_id)
    _note(uow, rule_id, rule.name, "deleted", _document(definition_of(rule)), None)


async def undo(uow: UnitOfWork, change_id: UUID) -> None:
    """Bring back what the rule was before this change. Raises RuleNotFound, NothingToUndo, Forbidden."""
    uow.actor.require(permissions.CHANGE_LIMITS)
    await ensure_defaults(uow)
    await store.tenant(uow)
    change = await store.change(uow, change_id)
    if change is None:
        raise RuleNotFound
    rule = await store.rule(uow, change.rule_id)
    if change.before is None:
        if rule is None:
            raise NothingToUndo("The rule that this change created is gone already.")
        await delete_rule(uow, change.rule_id)
    elif rule is None:
        _add(uow, change.rule_id, RuleIn.model_validate(change.before), seeded=False)
        await uow.session.flush()
    else:
        await _change(uow, rule, RuleIn.model_validate(change.before), seeded=False)


async def find_rule(uow: UnitOfWork, rule_id: UUID) -> Rule:
    """Raises RuleNotFound, Forbidden."""
    uow.actor.require(permissions.READ_LIMITS)
    await ensure_defaults(uow)
    rule = await store.rule(uow, rule_id)
    if rule is None:
        raise RuleNotFound
    return rule


async def _locked(uow: UnitOfWork, rule_id: UUID) -> Rule:
    await ensure_defaults(uow)
    await store.tenant(uow)
    rule = await store.rule(uow, rule_id)
    if rule is None:
        raise RuleNotFound
    return rule


def _add(uow: UnitOfWork, rule_id: UUID, definition: RuleIn, *, seeded: bool) -> Rule:
    rule = Rule(
        tenant_id=uow.tenant_id,
        id=rule_id,
        name=definition.name,
        definition=_document(definition),
        seeded=seeded,
        revision=1,
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.session.add(rule)
    _note(uow, rule_id, rule.name, "created", None, rule.definition, seeding=seeded)
    return rule


async def _change(uow: UnitOfWork, rule: Rule, definition: RuleIn, *, seeded: bool) -> None:
    before = rule.definition
    rule.name, rule.definition, rule.seeded = definition.name, _document(definition), seeded
    rule.revision += 1
    rule.updated_at = uow.now
    await uow.session.flush()
    _note(uow, rule.id, rule.name, "changed", before, rule.definition)


def _note(
    uow: UnitOfWork,
    rule_id: UUID,
    name: str,
    change: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    seeding: bool = False,
) -> None:
    """Into the history, to the subscribers, and to every process."""
    entry = RuleChange(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        rule_id=rule_id,
        change=change,
        author_kind=uow.actor.kind,
        author_id=uow.actor.id,
        before=before,
        after=after,
        changed_at=uow.now,
    )
    uow.session.add(entry)
    if seeding:
        return  # nobody can have read the rules before
    uow.emit(RulesChanged(uow.tenant_id, rule_id, name, change))

    async def announce_now() -> None:
        with suppress(EngineUnavailable):  # the event's job announces it again, until it succeeds
            await announce(uow)

    uow.after_commit(announce_now)


async def announce(uow: UnitOfWork) -> None:
    """Have every process read the rules again. Raises EngineUnavailable."""
    await uow.runtime.broadcast.announce(CHANGED_CHANNEL, str(uow.tenant_id).encode())


def definition_of(rule: Rule) -> RuleIn:
    return RuleIn.model_validate(rule.definition)


def version_of(rule: Rule) -> str:
    """Its entity tag."""
    return etag_of(rule.id, rule.revision)


def _document(definition: RuleIn) -> dict[str, Any]:
    return definition.model_dump(mode="json", by_alias=True)
