"""Links that other parts of the platform make, and whose clicks they are told of."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.checks import checked_columns, hosts_of, unsafe_hosts
from septet.services.links.actions.creation import add_links, take_random_codes
from septet.services.links.clicks import Click
from septet.services.links.codes import short_url
from septet.services.links.errors import UnsafeTarget
from septet.services.links.events import LinkClicked
from septet.services.links.models import Link
from septet.services.links.schemas import LinkFields
from septet.services.links.store import links as store

_SOURCE = re.compile(r"[a-z][a-z_-]{0,30}:[!-~]{1,68}")


async def shorten(uow: UnitOfWork, urls: Collection[str], *, source: str) -> dict[str, str]:
    """The short URL of each of these; without those that no link may lead to. `source`: `<who>:<what>`."""
    if not _SOURCE.fullmatch(source):
        raise ValueError(f"{source!r} is not <who>:<what> in at most 100 printable ASCII characters")
    links = await _prepared(uow, urls, source)
    await take_random_codes(uow, list(links.values()))
    if links:
        await add_links(uow, list(links.values()))
    return {url: short_url(uow.public_url, link.host, link.code) for url, link in links.items()}


async def _prepared(uow: UnitOfWork, urls: Collection[str], source: str) -> dict[str, Link]:
    fields = LinkFields(tags=[source.partition(":")[0]])
    unsafe = await unsafe_hosts(uow, {host for url in urls for host in hosts_of(fields, url)})
    links = {}
    for url in urls:
        try:
            columns = checked_columns(fields, url, unsafe)
        except UnsafeTarget:
            continue
        links[url] = Link(
            tenant_id=uow.tenant_id,
            id=uow.new_id(),
            host="",
            status="active",
            disabled_reason=None,
            password_hash=None,
            source=source,
            milestone=0,
            revision=1,
            created_by=None,
            created_at=uow.now,
            updated_at=uow.now,
            **columns,
        )
    return links


async def tell_of_clicks(uow: UnitOfWork, clicks: Sequence[Click]) -> None:
    """Publish each click on a link that has a source."""
    for tenant_id in {click.tenant_id for click in clicks}:
        await uow.enter_tenant(tenant_id)
        of_tenant = [click for click in clicks if click.tenant_id == tenant_id]
        urls = {link.id: link.url for link in await store.several(uow, {click.link_id for click in of_tenant})}
        for click in of_tenant:
            uow.emit(
                LinkClicked(
                    tenant_id=tenant_id,
                    link_id=click.link_id,
                    source=click.raw.source.decode(),
                    url=urls.get(click.link_id, ""),
                    click_id=click.id,
                    at=datetime.fromtimestamp(click.raw.at / 1000, UTC),
                    classification=click.verdict.classification,
                    user_agent=click.description.user_agent,
                )
            )
