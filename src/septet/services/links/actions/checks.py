"""What must hold for a link's fields: every URL leads to a place that is public, not blocked and not ours."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from septet.kernel.uow import UnitOfWork
from septet.services.links.codes import RESERVED_ON_DOMAINS
from septet.services.links.destinations import host_of, is_below, normalized_url, private_hosts
from septet.services.links.errors import AliasTaken, DomainUnverified, UnsafeTarget
from septet.services.links.schemas import LinkFields
from septet.services.links.settings import LinksSettings
from septet.services.links.store import domains as domain_store
from septet.services.links.store import places

UnsafeHosts = dict[str, UnsafeTarget]


async def require_usable_domain(uow: UnitOfWork, host: str | None, alias: str | None) -> None:
    if host is None:
        return
    claim = await domain_store.claim_of(uow, host)
    if claim is None or claim.verified_at is None:
        raise DomainUnverified(f"Claim `{host}` with POST /links/domains and set its TXT record, then verify it.")
    if alias in RESERVED_ON_DOMAINS:
        raise AliasTaken(f"`{alias}` is a path of the platform itself; choose another alias.")


def checked_columns(fields: LinkFields, url: str, unsafe: UnsafeHosts) -> dict[str, Any]:
    """The columns that these fields set. Raises UnsafeTarget for any URL among them."""
    for host in hosts_of(fields, url):
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


def hosts_of(fields: LinkFields, url: str) -> set[str]:
    """Of all URLs that can be read; the others are refused when they are stored."""
    hosts = set()
    for each in (url, fields.fallback_url, *(target.url for target in fields.targets)):
        with suppress(UnsafeTarget):
            hosts.add(host_of(normalized_url(each)) if each else "")
    return hosts - {""}


async def unsafe_hosts(uow: UnitOfWork, hosts: set[str]) -> UnsafeHosts:
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
