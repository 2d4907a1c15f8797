"""Organizations and their members."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Membership, Organization, User

Member = Row[Membership, User]
_CLAIM = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


async def add_organization(uow: UnitOfWork, organization: Organization) -> bool:
    """Whether it was added; False when the slug is taken, however close the race."""
    statement = (
        insert(Organization)
        .values(
            tenant_id=organization.id,
            name=organization.name,
            slug=organization.slug,
            plan=organization.plan,
            revision=organization.revision,
            created_at=organization.created_at,
        )
        .on_conflict_do_nothing(index_elements=[Organization.slug])
        .returning(Organization.id)
    )
    return (await uow.execute(statement)).first() is not None


async def organization(uow: UnitOfWork, *, lock: bool = False) -> Organization | None:
    """The tenant's own row; `lock` holds it until the transaction ends."""
    statement = select(Organization).where(Organization.id == uow.tenant_id)
    found: Organization | None = await uow.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def claim(uow: UnitOfWork) -> bool:
    """Whether this transaction holds the tenant's id, whose row need not exist, against all others that claim it."""
    return bool(await uow.session.scalar(_CLAIM, {"name": f"organization {uow.tenant_id}"}))


async def keep_from_purge(uow: UnitOfWork) -> bool:
    """Whether the organization is there, and then stays until the transaction ends; rows may refer to it meanwhile."""
    statement = select(Organization.id).where(Organization.id == uow.tenant_id)
    return await uow.session.scalar(statement.with_for_update(read=True, key_share=True)) is not None


async def save_unless_slug_taken(uow: UnitOfWork) -> bool:
    """Write the changed organization; False when the unique index refuses its slug."""
    try:
        await uow.session.flush()
    except IntegrityError:
        return False
    return True


async def set_plan(uow: UnitOfWork, plan: str) -> None:
    await uow.execute(update(Organization).where(Organization.id == uow.tenant_id).values(plan=plan))


async def add_membership(uow: UnitOfWork, user_id: UUID, role: Role, now: datetime) -> None:
    uow.session.add(Membership(tenant_id=uow.tenant_id, user_id=user_id, role=role, joined_at=now))
    await uow.session.flush()


async def membership(uow: UnitOfWork, user_id: UUID) -> Membership | None:
    statement = select(Membership).where(Membership.tenant_id == uow.tenant_id, Membership.user_id == user_id)
    found: Membership | None = await uow.session.scalar(statement)
    return found


async def member(uow: UnitOfWork, user_id: UUID) -> Member | None:
    statement = select(Membership, User).join(User, User.id == Membership.user_id)
    return (
        await uow.session.execute(statement.where(Membership.tenant_id == uow.tenant_id, Membership.user_id == user_id))
    ).first()


async def members(uow: UnitOfWork, limit: int, after: tuple[Any, ...] | None) -> Sequence[Member]:
    statement = (
        select(Membership, User).join(User, User.id == Membership.user_id).where(Membership.tenant_id == uow.tenant_id)
    )
    if after is not None:
        statement = statement.where(tuple_(Membership.joined_at, Membership.user_id) > after)
    return (await uow.session.execute(statement.order_by(Membership.joined_at, Membership.user_id).limit(limit))).all()


async def count_owners(uow: UnitOfWork) -> int:
    statement = select(func.count()).where(Membership.tenant_id == uow.tenant_id, Membership.role == Role.OWNER)
    return await uow.session.scalar(statement) or 0


async def change_role(uow: UnitOfWork, user_id: UUID, role: Role) -> None:
    await uow.execute(
        update(Membership).where(Membership.tenant_id == uow.tenant_id, Membership.user_id == user_id).values(role=role)
    )


async def remove_membership(uow: UnitOfWork, user_id: UUID) -> None:
    await uow.execute(delete(Membership).where(Membership.tenant_id == uow.tenant_id, Membership.user_id == user_id))


async def member_ids(uow: UnitOfWork) -> Sequence[UUID]:
    return (await uow.session.scalars(select(Membership.user_id).where(Membership.tenant_id == uow.tenant_id))).all()


async def memberships_of(uow: UnitOfWork, user_id: UUID) -> Sequence[Row[Membership, Organization]]:
    """The user's organizations, also deleted ones that may be restored."""
    statement = (
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.tenant_id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.joined_at, Membership.tenant_id)
    )
    return (await uow.session.execute(statement)).all()


async def only_organization(uow: UnitOfWork, user_id: UUID) -> UUID | None:
    """The user's organization when they have exactly one that is not deleted."""
    statement = (
        select(Membership.tenant_id)
        .join(Organization, Organization.id == Membership.tenant_id)
        .where(Membership.user_id == user_id, Organization.deletion_due_at.is_(None))
        .limit(2)
    )
    found = (await uow.session.scalars(statement)).all()
    return found[0] if len(found) == 1 else None


async def role_of(uow: UnitOfWork, user_id: UUID) -> Role | None:
    """The user's role in the tenant; None when they are no member or it is deleted."""
    statement = (
        select(Membership.role)
        .join(Organization, Organization.id == Membership.tenant_id)
        .where(Membership.tenant_id == uow.tenant_id, Membership.user_id == user_id)
        .where(Organization.deletion_due_at.is_(None))
    )
    role = await uow.session.scalar(statement)
    return Role(role) if role else None


async def count_members(uow: UnitOfWork) -> int:
    statement = select(func.count()).select_from(Membership).where(Membership.tenant_id == uow.tenant_id)
    return await uow.session.scalar(statement) or 0


async def member_with_email(uow: UnitOfWork, email: str) -> Membership | None:
    statement = select(Membership).join(User, User.id == Membership.user_id)
    found: Membership | None = await uow.session.scalar(
        statement.where(Membership.tenant_id == uow.tenant_id, User.email == email)
    )
    return found


async def people(uow: UnitOfWork, user_ids: Collection[UUID]) -> Sequence[User]:
    statement = select(User).join(Membership, Membership.user_id == User.id)
    return (
        await uow.session.scalars(
            statement.where(Membership.tenant_id == uow.tenant_id, Membership.user_id.in_(user_ids))
        )
    ).all()
