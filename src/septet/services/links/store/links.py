"""Links of the tenant and the directory of codes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql

from septet.kernel.uow import UnitOfWork
from septet.services.links.models import Code, Link, Usage

MOST_IDS = 10_000
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which links. `source`: who had them made; None for those that people made."""

    q: str | None = None
    tag: str | None = None
    host: str | None = None
    source: str | None = None
    archived: bool = False


async def take_codes(uow: UnitOfWork, wanted: Sequence[tuple[Place, UUID]]) -> set[Place]:
    """Enter these places in the directory; returns those that were free, however close the race."""
    rows = [  # in order, so that two who want the same places wait for each other one way only
        {"host": host, "code": code, "owner_id": uow.tenant_id, "link_id": link_id}
        for (host, code), link_id in sorted(wanted)
    ]
    statement = postgresql.insert(Code).values(rows).on_conflict_do_nothing().returning(Code.host, Code.code)
    return {(row.host, row.code) for row in await uow.execute(statement)}


async def release_code(uow: UnitOfWork, host: str, code: str) -> None:
    await uow.execute(delete(Code).where(Code.owner_id == uow.tenant_id, Code.host == host, Code.code == code))


async def add(uow: UnitOfWork, links: Sequence[Link]) -> None:
    columns = [attribute.key for attribute in Link.__mapper__.column_attrs]
    await uow.execute(insert(Link), [{name: getattr(link, name) for name in columns} for link in links])


async def count_in(uow: UnitOfWork, links: int) -> int:
    """Add to the number of links that people of the tenant have made; returns the new number."""
    statement = postgresql.insert(Usage).values(tenant_id=uow.tenant_id, links=links)
    counted = statement.on_conflict_do_update(
        index_elements=[Usage.tenant_id], set_={"links": Usage.links + links}
    ).returning(Usage.links)
    return int(await uow.session.scalar(counted) or 0)


async def one(uow: UnitOfWork, link_id: UUID, *, lock: bool = False) -> Link | None:
    statement = select(Link).where(Link.tenant_id == uow.tenant_id, Link.id == link_id)
    found: Link | None = await uow.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def several(uow: UnitOfWork, ids: Collection[UUID]) -> Sequence[Link]:
    return (await uow.session.scalars(select(Link).where(Link.tenant_id == uow.tenant_id, Link.id.in_(ids)))).all()


async def many(uow: UnitOfWork, wanted: Filter, limit: int, before: tuple[Any, ...] | None) -> Sequence[Link]:
    """Newest first."""
    source = wanted.source
    statement = select(Link).where(
        Link.tenant_id == uow.tenant_id,
        (Link.status == "archived") if wanted.archived else (Link.status != "archived"),
        (Link.source == "") if source is None else Link.source.startswith(f"{source}:", autoescape=True),
    )
    if wanted.q:
        columns = (Link.url, Link.title, Link.code, Link.notes)
        statement = statement.where(or_(*(column.icontains(wanted.q, autoescape=True) for column in columns)))
    if wanted.tag:
        statement = statement.where(Link.tags.contains([wanted.tag]))
    if wanted.host is not None:
        statement = statement.where(Link.host == wanted.host)
    if before is not None:
        statement = statement.where(tuple_(Link.created_at, Link.id) < before)
    return (await uow.session.scalars(statement.order_by(Link.created_at.desc(), Link.id.desc()).limit(limit))).all()


async def ids(uow: UnitOfWork, *, tag: str | None, host: str | None) -> Sequence[UUID]:
    """Of the links with this tag, on this host; the newest `MOST_IDS`."""
    statement = select(Link.id).where(Link.tenant_id == uow.tenant_id)
    if tag:
        statement = statement.where(Link.tags.contains([tag]))
    if host is not None:
        statement = statement.where(Link.host == host)
    return (await uow.session.scalars(statement.order_by(Link.id.desc()).limit(MOST_IDS))).all()


async def remove(uow: UnitOfWork, link_id: UUID) -> None:
    await uow.execute(delete(Link).where(Link.tenant_id == uow.tenant_id, Link.id == link_id))


async def count(uow: UnitOfWork) -> int:
    """How many links people of the tenant have made."""
    return await uow.session.scalar(select(Usage.links).where(Usage.tenant_id == uow.tenant_id)) or 0


async def count_on_host(uow: UnitOfWork, host: str) -> int:
    statement = select(func.count()).where(Link.tenant_id == uow.tenant_id, Link.host == host)
    return await uow.session.scalar(statement) or 0


async def below_milestone(uow: UnitOfWork, link_id: UUID, milestone: int) -> Link | None:
    """The link, its milestone moved up to this one; None when it was reached before."""
    statement = (
        update(Link)
        .where(Link.tenant_id == uow.tenant_id, Link.id == link_id, Link.milestone < milestone)
        .values(milestone=milestone)
        .returning(Link)
    )
    found: Link | None = await uow.session.scalar(statement)
    return found
