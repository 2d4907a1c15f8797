"""Finding a link by where it is: the one query that begins without knowing the organization."""

from uuid import UUID

from sqlalchemy import select

from septet.kernel.uow import UnitOfWork
from septet.services.links.models import Code, Link


async def link_at(uow: UnitOfWork, host: str, code: str) -> Link | None:
    """The link at this place; the unit of work goes on for its owner."""
    found = await uow.session.scalar(select(Code).where(Code.host == host, Code.code == code))
    return await _owned(uow, found)


async def link_known_to_visitors(uow: UnitOfWork, link_id: UUID) -> Link | None:
    """Any organization's link; the unit of work goes on for its owner."""
    found = await uow.session.scalar(select(Code).where(Code.link_id == link_id))
    return await _owned(uow, found)


async def _owned(uow: UnitOfWork, code: Code | None) -> Link | None:
    if code is None:
        return None
    await uow.enter_tenant(code.owner_id)
    link: Link | None = await uow.session.scalar(
        select(Link).where(Link.tenant_id == code.owner_id, Link.id == code.link_id)
    )
    return link


async def hosts_with_links(uow: UnitOfWork, hosts: set[str]) -> set[str]:
    """Which of these hosts serve short links of anybody."""
    return set(await uow.session.scalars(select(Code.host).where(Code.host.in_(hosts)).distinct()))
