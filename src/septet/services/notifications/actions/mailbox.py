"""The development mailbox: who may read which mails."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from septet.kernel.errors import Unauthenticated
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.settings import NotificationsSettings


@dataclass(frozen=True, slots=True)
class Reader:
    """Sees the tenant's mails and those to the own address; everything when both are None."""

    tenant_id: UUID | None
    address: str | None


@asynccontextmanager
async def reading(uow: UnitOfWork) -> AsyncIterator[tuple[UnitOfWork, Reader]]:
    """A unit of work for no tenant, and what its reader may see. Raises Unauthenticated unless the mailbox is open."""
    if is_open(uow):
        reader = Reader(None, None)
    elif uow.actor.kind == "anonymous":
        raise Unauthenticated
    else:
        reader = Reader(uow.actor.tenant_id, uow.actor.email or "-")
    async with UnitOfWork(uow.runtime) as own:
        yield own, reader


def is_open(uow: UnitOfWork) -> bool:
    """Whether everybody who reaches the port may read all mail."""
    access = uow.settings(NotificationsSettings).mailbox_access
    settings = uow.runtime.settings
    return access == "open" or (
        access == "auto" and _is_loopback(settings.host) and _is_loopback(urlsplit(settings.public_url).hostname or "")
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
