"""Finding, changing and deleting links."""

from uuid import UUID

from pydantic import ValidationError

from septet.kernel.errors import InvalidInput
from septet.kernel.http import etag_of, require_match
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions.checks import checked_columns, hosts_of, require_usable_domain, unsafe_hosts
from septet.services.links.changes import announce_changes
from septet.services.links.errors import AliasTaken, LinkNotFound
from septet.services.links.events import LinkDisabled
from septet.services.links.models import Link
from septet.services.links.passwords import hash_password
from septet.services.links.schemas import LinkChange, LinkFields, Target
from septet.services.links.store import links as store


async def get_link(uow: UnitOfWork, link_id: UUID) -> Link:
    """Raises LinkNotFound."""
    uow.actor.require(permissions.READ_LINKS)
    return _found(await store.one(uow, link_id))


async def change_link(uow: UnitOfWork, link_id: UUID, change: LinkChange, if_match: str | None) -> Link:
    """Raises LinkNotFound, UnsafeTarget, AliasTaken, PreconditionFailed."""
    uow.actor.require(permissions.CHANGE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    require_match(if_match, version_of(link))
    announce_changes(uow, {(link.host, link.code): None if change.alias and change.alias != link.code else link})
    given = change.model_fields_set
    merged, url = _merged(link, change), change.url if "url" in given else link.url
    values = checked_columns(merged, url, await unsafe_hosts(uow, hosts_of(merged, url)))
    for name, value in values.items():
        setattr(link, name, value)
    if "password" in given:
        link.password_hash = await hash_password(change.password) if change.password else None
    if "archived" in given and link.status != "disabled":
        link.status = "archived" if change.archived else "active"
    if change.alias and change.alias != link.code:
        await _move(uow, link, change.alias)
    _touch(uow, link)
    return link


def _merged(link: Link, change: LinkChange) -> LinkFields:
    """The link's fields with those that were given put over them. Raises InvalidInput for what does not go together."""
    names = LinkFields.model_fields.keys()
    given = change.model_fields_set
    stored = {name: getattr(link, name) for name in names}
    stored["targets"] = [Target.model_validate(target) for target in link.targets]
    merged = {name: getattr(change, name) if name in given else stored[name] for name in names}
    try:
        return LinkFields.model_validate(merged)
    except ValidationError as error:
        raise InvalidInput(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


async def _move(uow: UnitOfWork, link: Link, alias: str) -> None:
    await require_usable_domain(uow, link.host or None, alias)
    if not await store.take_codes(uow, [((link.host, alias), link.id)]):
        raise AliasTaken(f"The alias `{alias}` leads elsewhere already; choose another.")
    await store.release_code(uow, link.host, link.code)
    link.code = alias
    announce_changes(uow, {(link.host, alias): link})


def _touch(uow: UnitOfWork, link: Link) -> None:
    link.revision += 1
    link.updated_at = uow.now


async def delete_link(uow: UnitOfWork, link_id: UUID) -> None:
    """Its code is free again; its clicks stay in the statistics over all links. Raises LinkNotFound."""
    uow.actor.require(permissions.CHANGE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    announce_changes(uow, {(link.host, link.code): None})
    await store.remove(uow, link_id)
    if not link.source:
        await store.count_in(uow, -1)


async def disable_link(uow: UnitOfWork, link_id: UUID, reason: str) -> Link:
    """Visitors see the reason from now on. Raises LinkNotFound."""
    uow.actor.require(permissions.DISABLE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    announce_changes(uow, {(link.host, link.code): link})
    link.status, link.disabled_reason = "disabled", reason
    _touch(uow, link)
    uow.emit(LinkDisabled(uow.tenant_id, link.id, reason))
    return link


async def enable_link(uow: UnitOfWork, link_id: UUID) -> Link:
    """Raises LinkNotFound."""
    uow.actor.require(permissions.DISABLE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    announce_changes(uow, {(link.host, link.code): link})
    link.status, link.disabled_reason = "active", None
    _touch(uow, link)
    return link


def version_of(link: Link) -> str:
    """Its entity tag."""
    return etag_of(link.id, link.revision)


def _found(link: Link | None) -> Link:
    if link is None:
        raise LinkNotFound("It does not exist, or it belongs to another organization.")
    return link
