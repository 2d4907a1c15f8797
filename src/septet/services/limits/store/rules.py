"""Rules and their history, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.limits.models import Rule, RuleChange, Tenant


async def claim_seeding(uow: UnitOfWork, plan: str) -> bool:
    """Whether the default rules are still to be made; of several at once, one is told so."""
    statement = insert(Tenant).values(tenant_id=uow.tenant_id, plan=plan, seeded_at=uow.now)
    claimed = await uow.execute(statement.on_conflict_do_nothing().returning(Tenant.tenant_id))
    return claimed.scalar() is not None


async def is_seeded(uow: UnitOfWork) -> bool:
    return await uow.session.scalar(select(Tenant.plan).where(Tenant.tenant_id == uow.tenant_id)) is not None


async def tenant(uow: UnitOfWork) -> Tenant:
    """The organization's row, locked: changes of its rules happen one after another."""
    statement = select(Tenant).where(Tenant.tenant_id == uow.tenant_id).with_for_update()
    found: Tenant = (await uow.session.scalars(statement)).one()
    return found


async def all_rules(uow: UnitOfWork) -> Sequence[Rule]:
    statement = select(Rule).where(Rule.tenant_id == uow.tenant_id).order_by(Rule.created_at, Rule.id)
    return (await uow.session.scalars(statement)).all()


async def page_of_rules(uow: UnitOfWork, limit: int, after: tuple[Any, ...] | None) -> Sequence[Rule]:
    statement = select(Rule).where(Rule.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(tuple_(Rule.created_at, Rule.id) > after)
    return (await uow.session.scalars(statement.order_by(Rule.created_at, Rule.id).limit(limit))).all()


async def count_rules(uow: UnitOfWork) -> int:
    statement = select(func.count()).select_from(Rule).where(Rule.tenant_id == uow.tenant_id)
    return int(await uow.session.scalar(statement) or 0)


async def rule(uow: UnitOfWork, rule_id: UUID) -> Rule | None:
    statement = select(Rule).where(Rule.tenant_id == uow.tenant_id, Rule.id == rule_id)
    found: Rule | None = await uow.session.scalar(statement)
    return found


async def remove_rule(uow: UnitOfWork, rule_id: UUID) -> None:
    await uow.execute(delete(Rule).where(Rule.tenant_id == uow.tenant_id, Rule.id == rule_id))


async def page_of_changes(
    uow: UnitOfWork, rule_id: UUID | None, limit: int, after: tuple[Any, ...] | None
) -> Sequence[RuleChange]:
    """The newest first."""
    statement = select(RuleChange).where(RuleChange.tenant_id == uow.tenant_id)
    if rule_id is not None:
        statement = statement.where(RuleChange.rule_id == rule_id)
    if after is not None:
        statement = statement.where(RuleChange.id < after[0])
    return (await uow.session.scalars(statement.order_by(RuleChange.id.desc()).limit(limit))).all()


async def change(uow: UnitOfWork, change_id: UUID) -> RuleChange | None:
    statement = select(RuleChange).where(RuleChange.tenant_id == uow.tenant_id, RuleChange.id == change_id)
    found: RuleChange | None = await uow.session.scalar(statement)
    return found
