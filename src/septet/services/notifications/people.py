"""Who recipients are: the directory of an organization's people, which the composition root provides.

Notifications knows users only by id; their address, name and language belong to another service.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from septet.kernel.uow import UnitOfWork


class Person(Protocol):
    """A member of the organization."""

    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def locale(self) -> str: ...


class Directory(Protocol):
    """Answers for the unit of work's tenant only."""

    async def people(self, uow: UnitOfWork, user_ids: Sequence[UUID]) -> Mapping[UUID, Person]:
        """Those of the users who are members of the organization."""

    async def administrators(self, uow: UnitOfWork) -> Sequence[UUID]:
        """The members to tell about troubles of the organization."""


class NobodyIsKnown:
    """The directory of an installation that runs without members: only addresses can be reached."""

    async def people(self, uow: UnitOfWork, user_ids: Sequence[UUID]) -> Mapping[UUID, Person]:
        return {}

    async def administrators(self, uow: UnitOfWork) -> Sequence[UUID]:
        return []


_directory: Directory = NobodyIsKnown()


def provide(directory: Directory) -> None:
    """Called once, by the composition root."""
    global _directory
    _directory = directory


def directory() -> Directory:
    return _directory
