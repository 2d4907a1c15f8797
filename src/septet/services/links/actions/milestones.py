"""Milestones: a link was clicked by people 1, 10, 100, … times. Looked for once a minute, announced once each."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.links.codes import short_url
from septet.services.links.events import LinkReachedClicks
from septet.services.links.store import clicks
from septet.services.links.store import links as store

LOOK_BACK_MS = 3_600_000


async def tenants_with_clicks(uow: UnitOfWork) -> dict[UUID, list[UUID]]:
    """The links that were clicked within the last hour, by tenant."""
    return await clicks.recently_clicked(uow.runtime.clickhouse, uow.clock.unix_ms() - LOOK_BACK_MS)


async def announce_milestones(uow: UnitOfWork, links: Sequence[UUID]) -> None:
    clickhouse = uow.runtime.clickhouse
    about = await clicks.counts(clickhouse, uow.tenant_id, links, exact=False)
    announced = {link.id: link.milestone for link in await store.several(uow, about.keys())}
    close = [link_id for link_id, reached in _milestones(about).items() if reached > announced.get(link_id, reached)]
    if not close:
        return
    for link_id, milestone in _milestones(await clicks.counts(clickhouse, uow.tenant_id, close)).items():
        if link := await store.below_milestone(uow, link_id, milestone):
            url = short_url(uow.public_url, link.host, link.code)
            uow.emit(LinkReachedClicks(uow.tenant_id, link.id, url, milestone))


def _milestones(counts: Mapping[UUID, int]) -> dict[UUID, int]:
    """The largest power of ten within each."""
    return {link_id: 10 ** (len(str(count)) - 1) for link_id, count in counts.items()}
