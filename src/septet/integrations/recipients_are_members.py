"""Recipients of notifications are members of the organization: their addresses, names and languages are tenancy's."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications import people
from septet.services.tenancy.actions import profiles


class Members:
    """Implements `people.Directory`."""

    async def people(self, uow: UnitOfWork, user_ids: Sequence[UUID]) -> Mapping[UUID, people.Person]:
        return await profiles.profiles(uow, user_ids)

    async def administrators(self, uow: UnitOfWork) -> Sequence[UUID]:
        return await profiles.administrators(uow)


people.provide(Members())
