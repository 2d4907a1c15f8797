"""Making, changing and deleting links."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import ValidationError

from septet.kernel.errors import InvalidInput, Problem
from septet.kernel.http import etag_of, require_match
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.codes import RESERVED_ON_DOMAINS, random_code
from septet.services.links.destinations import host_of, is_below, normalized_url, private_hosts
from septet.services.links.directory import announce_change
from septet.services.links.errors import AliasTaken, DomainUnverified, LinkNotFound, UnsafeTarget
from septet.services.links.events import LinkCreated, LinkDisabled
from septet.services.links.models import Link
from septet.services.links.passwords import hash_password
from septet.services.links.schemas import LinkChange, LinkCreate, LinkFields, Target
from septet.services.links.settings import LinksSettings
from septet.services.links.store import domains as domain_store
from septet.services.links.store import links as store
from septet.services.links.store import places

_ATTEMPTS = 8
Outcome = Link | Problem
UnsafeHosts = dict[str, UnsafeTarget]


async def create_link(uow: UnitOfWork, wanted: LinkCreate) -> Link:
    """Raises UnsafeTarget, AliasTaken, DomainUnverified."""
    (outcome,) = await create_links(uow, [wanted])
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def create_links(uow: UnitOfWork, wanted: Sequence[LinkCreate]) -> list[Outcome]:
    """Make each, or say why not; in the order of `wanted`."""
    uow.actor.require(permissions.CHANGE_LINKS)
    unsafe = await _unsafe_hosts(uow, {host for each in wanted for host in _hosts(each, each.url)})
    outcomes: list[Outcome] = [await _prepared(uow, each, unsafe) for each in wanted]
    await _take_aliases(uow, wanted, outcomes)
    await _take_random_codes(uow, wanted, outcomes)
    made = [outcome for outcome in outcomes if isinstance(outcome, Link)]
    if made:
        await store.add(uow, made)
        announce_change(uow, [(link.host, link.code) for link in made])
    for link in made:
        uow.emit(LinkCreated(uow.tenant_id, link.id, short_url(uow, link), link.url))
    return outcomes


async def _prepared(uow: UnitOfWork, wanted: LinkCreate, unsafe: UnsafeHosts) -> Outcome:
    try:
        await _require_usable_domain(uow, wanted.domain, wanted.alias)
        values = _checked(wanted, wanted.url, unsafe)
    except Problem as problem:
        return problem
    return Link(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        host=wanted.domain or "",
        code=wanted.alias or "",
        status="active",
        disabled_reason=None,
        password_hash=await hash_password(wanted.password) if wanted.password else None,
        milestone=0,
        revision=1,
        created_by=uow.actor.user_id,
        created_at=uow.now,
        updated_at=uow.now,
        **values,
    )


async def _require_usable_domain(uow: UnitOfWork, host: str | None, alias: str | None) -> None:
    if host is None:
        return
    claim = await domain_store.claim_of(uow, host)
    if claim is None or claim.verified_at is None:
        raise DomainUnverified(f"Claim `{host}` with POST /links/domains and set its TXT record, then verify it.")
    if alias in RESERVED_ON_DOMAINS:
        raise AliasTaken(f"`{alias}` is a path of the platform itself; choose another alias.")


def _checked(fields: LinkFields, url: str, unsafe: UnsafeHosts) -> dict[str, Any]:
    """The columns that these fields set. Raises UnsafeTarget for any URL among them."""
    for host in _hosts(fields, url):
        if host in unsafe:
            raise unsafe[host]
    targets = [target.model_copy(update={"url": normalized_url(target.url)}) for target in fields.targets]
    fallback = normalized_url(fields.fallback_url) if fields.fallback_url else None
    url = normalized_url(url)
    return {
        "url": url,
        "title": fields.title,
        "notes": fields.notes,
        "tags": list(dict.fromkeys(fields.tags)),
        "redirect_status": fields.redirect_status,
        "forward_query": fields.forward_query,
        "starts_at": fields.starts_at,
        "expires_at": fields.expires_at,
        "max_clicks": fields.max_clicks,
        "fallback_url": fallback,
        "utm": fields.utm.model_dump(exclude_none=True),
        "targets": [target.model_dump(exclude_none=True) for target in targets],
    }


def _hosts(fields: LinkFields, url: str) -> set[str]:
    """Of all URLs that can be read; the others are refused when they are stored."""
    hosts = set()
    for each in (url, fields.fallback_url, *(target.url for target in fields.targets)):
        with suppress(UnsafeTarget):
            hosts.add(host_of(normalized_url(each)) if each else "")
    return hosts - {""}


async def _unsafe_hosts(uow: UnitOfWork, hosts: set[str]) -> UnsafeHosts:
    """Which of these hosts no link may lead to, and why; all are looked up at once."""
    blocked = frozenset(uow.settings(LinksSettings).blocked_domains)
    own = {urlsplit(uow.runtime.settings.public_url).hostname or ""}
    circular = (hosts & own) | await places.hosts_with_links(uow, hosts)
    private = await private_hosts(hosts)
    found = {}
    for host in hosts:
        if is_below(host, blocked):
            found[host] = UnsafeTarget(f"`{host}` is on the list of blocked domains (SEPTET_LINKS_BLOCKED_DOMAINS).")
        elif host in circular:
            found[host] = UnsafeTarget(f"`{host}` serves short links itself; a link to it could lead in circles.")
        elif host in private:
            found[host] = UnsafeTarget(f"`{host}` is, or resolves to, an address that is not public.")
    return found


async def _take_aliases(uow: UnitOfWork, wanted: Sequence[LinkCreate], outcomes: list[Outcome]) -> None:
    asked: dict[store.Place, UUID] = {}
    for position, outcome in enumerate(outcomes):
        if isinstance(outcome, Link) and wanted[position].alias:
            if (outcome.host, outcome.code) in asked:
                outcomes[position] = _taken(outcome)
            else:
                asked[outcome.host, outcome.code] = outcome.id
    free = await store.take_codes(uow, list(asked.items())) if asked else set()
    for position, outcome in enumerate(outcomes):
        if isinstance(outcome, Link) and wanted[position].alias and (outcome.host, outcome.code) not in free:
            outcomes[position] = _taken(outcome)


def _taken(link: Link) -> AliasTaken:
    return AliasTaken(f"The alias `{link.code}` leads elsewhere already; choose another, or leave it away.")


async def _take_random_codes(uow: UnitOfWork, wanted: Sequence[LinkCreate], outcomes: list[Outcome]) -> None:
    length = uow.settings(LinksSettings).code_length
    without = [each for each, w in zip(outcomes, wanted, strict=True) if isinstance(each, Link) and not w.alias]
    for attempt in range(_ATTEMPTS):
        if not without:
            return
        for link in without:
            link.code = random_code(length + attempt)
        free = await store.take_codes(uow, [((link.host, link.code), link.id) for link in without])
        without = [link for link in without if (link.host, link.code) not in free]
    raise AliasTaken("No free code was found; set SEPTET_LINKS_CODE_LENGTH to a larger number.")


def short_url(uow: UnitOfWork, link: Link) -> str:
    """Below the platform's public URL, or on the link's own domain."""
    if link.host:
        return f"https://{link.host}/{link.code}"
    return f"{uow.runtime.settings.public_url.rstrip('/')}/s/{link.code}"


async def get_link(uow: UnitOfWork, link_id: UUID) -> Link:
    """Raises LinkNotFound."""
    uow.actor.require(permissions.READ_LINKS)
    return _found(await store.one(uow, link_id))


async def change_link(uow: UnitOfWork, link_id: UUID, change: LinkChange, if_match: str | None) -> Link:
    """Raises LinkNotFound, UnsafeTarget, AliasTaken, PreconditionFailed."""
    uow.actor.require(permissions.CHANGE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    require_match(if_match, version_of(link))
    announce_change(uow, [(link.host, link.code)])
    given = change.model_fields_set
    merged, url = _merged(link, change), change.url if "url" in given else link.url
    values = _checked(merged, url, await _unsafe_hosts(uow, _hosts(merged, url)))
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
    await _require_usable_domain(uow, link.host or None, alias)
    if not await store.take_codes(uow, [((link.host, alias), link.id)]):
        raise AliasTaken(f"The alias `{alias}` leads elsewhere already; choose another.")
    await store.release_code(uow, link.host, link.code)
    link.code = alias
    announce_change(uow, [(link.host, alias)])


def _touch(uow: UnitOfWork, link: Link) -> None:
    link.revision += 1
    link.updated_at = uow.now


async def delete_link(uow: UnitOfWork, link_id: UUID) -> None:
    """Its code is free again; its clicks stay in the statistics over all links. Raises LinkNotFound."""
    uow.actor.require(permissions.CHANGE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    announce_change(uow, [(link.host, link.code)])
    await store.remove(uow, link_id)


async def disable_link(uow: UnitOfWork, link_id: UUID, reason: str) -> Link:
    """Visitors see the reason from now on. Raises LinkNotFound."""
    uow.actor.require(permissions.DISABLE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    announce_change(uow, [(link.host, link.code)])
    link.status, link.disabled_reason = "disabled", reason
    _touch(uow, link)
    uow.emit(LinkDisabled(uow.tenant_id, link.id, reason))
    return link


async def enable_link(uow: UnitOfWork, link_id: UUID) -> Link:
    """Raises LinkNotFound."""
    uow.actor.require(permissions.DISABLE_LINKS)
    link = _found(await store.one(uow, link_id, lock=True))
    announce_change(uow, [(link.host, link.code)])
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
