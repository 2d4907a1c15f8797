"""Making links: one, or many of which each is made or refused for itself."""

from collections.abc import Sequence
from uuid import UUID

from septet.kernel.entitlements import require_quota
from septet.kernel.errors import Problem
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions.checks import (
    UnsafeHosts,
    checked_columns,
    hosts_of,
    require_usable_domain,
    unsafe_hosts,
)
from septet.services.links.changes import announce_changes
from septet.services.links.codes import random_code, short_url
from septet.services.links.errors import AliasTaken
from septet.services.links.events import LinkCreated
from septet.services.links.models import Link
from septet.services.links.passwords import hash_password
from septet.services.links.schemas import LinkCreate
from septet.services.links.settings import LinksSettings
from septet.services.links.store import links as store

_ATTEMPTS = 8
Outcome = Link | Problem


async def create_link(uow: UnitOfWork, wanted: LinkCreate) -> Link:
    """Raises UnsafeTarget, AliasTaken, DomainUnverified, QuotaExceeded."""
    (outcome,) = await create_links(uow, [wanted])
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def create_links(uow: UnitOfWork, wanted: Sequence[LinkCreate]) -> list[Outcome]:
    """Make each, or say why not; in the order of `wanted`. Raises QuotaExceeded when they are too many together."""
    uow.actor.require(permissions.CHANGE_LINKS)
    unsafe = await unsafe_hosts(uow, {host for each in wanted for host in hosts_of(each, each.url)})
    outcomes: list[Outcome] = [await _prepared(uow, each, unsafe) for each in wanted]
    await _take_aliases(uow, wanted, outcomes)
    links = [(each, w) for each, w in zip(outcomes, wanted, strict=True) if isinstance(each, Link)]
    await take_random_codes(uow, [link for link, wish in links if not wish.alias])
    made = [outcome for outcome in outcomes if isinstance(outcome, Link)]
    if made:
        await require_quota(uow, "links", await store.count_in(uow, len(made)))
        await add_links(uow, made)
    for link in made:
        uow.emit(LinkCreated(uow.tenant_id, link.id, short_url(uow.public_url, link.host, link.code), link.url))
    return outcomes


async def _prepared(uow: UnitOfWork, wanted: LinkCreate, unsafe: UnsafeHosts) -> Outcome:
    try:
        await require_usable_domain(uow, wanted.domain, wanted.alias)
        values = checked_columns(wanted, wanted.url, unsafe)
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
        source="",
        milestone=0,
        revision=1,
        created_by=uow.actor.user_id,
        created_at=uow.now,
        updated_at=uow.now,
        **values,
    )


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


async def take_random_codes(uow: UnitOfWork, links: Sequence[Link]) -> None:
    """Give each a code of its own."""
    length = uow.settings(LinksSettings).code_length
    without = list(links)
    for attempt in range(_ATTEMPTS):
        if not without:
            return
        for link in without:
            link.code = random_code(length + attempt)
        free = await store.take_codes(uow, [((link.host, link.code), link.id) for link in without])
        without = [link for link in without if (link.host, link.code) not in free]
    raise AliasTaken("No free code was found; set SEPTET_LINKS_CODE_LENGTH to a larger number.")


async def add_links(uow: UnitOfWork, links: Sequence[Link]) -> None:
    """Store links that have their codes, and let visitors find them once this commits."""
    await store.add(uow, links)
    announce_changes(uow, {(link.host, link.code): link for link in links})
