"""Members as people to reach."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Membership, User


async def members(uow: UnitOfWork, user_ids: Sequence[UUID]) -> Sequence[User]:
    statement = select(User).join(Membership, Membership.user_id == User.id)
    return (
        await uow.session.scalars(statement.where(Membership.tenant_id == uow.tenant_id, User.id.in_(user_ids)))
    ).all()


async def members_with_roles(uow: UnitOfWork, roles: Sequence[Role]) -> Sequence[UUID]:
    statement = select(Membership.user_id).where(Membership.tenant_id == uow.tenant_id, Membership.role.in_(roles))
    return (await uow.session.scalars(statement)).all()
