"""Milestones: a link was clicked by people 1, 10, 100, … times. Looked for once a minute, announced once each."""

from collections.abc import Sequence
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.links import short_url
from septet.services.links.events import LinkReachedClicks
from septet.services.links.store import clicks
from septet.services.links.store import links as store

LOOK_BACK_MS = 3_600_000


async def tenants_with_clicks(uow: UnitOfWork) -> dict[UUID, list[UUID]]:
    """The links that were clicked within the last hour, by tenant."""
    return await clicks.recently_clicked(uow.runtime.clickhouse, uow.clock.unix_ms() - LOOK_BACK_MS)


async def announce_milestones(uow: UnitOfWork, links: Sequence[UUID]) -> None:
    counted = await clicks.counts(uow.runtime.clickhouse, uow.tenant_id, links)
    for link_id, count in counted.items():
        milestone = 10 ** (len(str(count)) - 1)
        if link := await store.below_milestone(uow, link_id, milestone):
            uow.emit(LinkReachedClicks(uow.tenant_id, link.id, short_url(uow, link), milestone))
