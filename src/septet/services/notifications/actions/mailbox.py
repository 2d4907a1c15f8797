"""The development mailbox: who may read which mails."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from septet.kernel.errors import Unauthenticated
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.errors import MailNotFound
from septet.services.notifications.models import Mail
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import mailbox as store


async def list_mails(uow: UnitOfWork, to: str | None, limit: int, before: UUID | None) -> Sequence[Mail]:
    """Newest first: the tenant's and those to the own address, or all where the mailbox is open.

    Raises Unauthenticated.
    """
    to = to.strip().lower() if to is not None else None
    own = _own_address(uow)
    if is_open(uow):
        return await store.mails_of_all(uow, to, limit, before)
    found: dict[UUID, Mail] = {}
    if uow.tenant_or_none is not None:
        found |= {mail.id: mail for mail in await store.mails(uow, to, limit, before)}
    if own is not None and to in (None, own):
        found |= {mail.id: mail for mail in await store.mails_of_all(uow, own, limit, before)}
    return sorted(found.values(), key=lambda mail: mail.id, reverse=True)[:limit]


async def read_mail(uow: UnitOfWork, mail_id: UUID) -> Mail:
    """Raises MailNotFound, Unauthenticated."""
    own = _own_address(uow)
    if is_open(uow) or own is not None:
        for mail in await store.mails_of_all(uow, None if is_open(uow) else own, 1, mail_id=mail_id):
            return mail
    found = await store.mail(uow, mail_id) if uow.tenant_or_none is not None else None
    if found is None:
        raise MailNotFound("GET /mailbox lists the mails.")
    return found


def _own_address(uow: UnitOfWork) -> str | None:
    """Of whoever reads. Raises Unauthenticated for nobody, unless the mailbox is open."""
    if uow.actor.kind == "anonymous" and not is_open(uow):
        raise Unauthenticated
    return uow.actor.email.lower() if uow.actor.email else None


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
