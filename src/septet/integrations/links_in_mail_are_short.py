"""Links in mails become short links of the organization, where it says so; a click shows on the notification."""

from collections.abc import Collection, Mapping
from uuid import UUID

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.shortening import shorten
from septet.services.links.events import LinkClicked
from septet.services.notifications.actions.clicks import note_click
from septet.services.notifications.dispatch import links


class ShortLinks:
    """Implements `links.Shortener`."""

    async def shorten(self, uow: UnitOfWork, urls: Collection[str], *, source: str) -> Mapping[str, str]:
        return await shorten(uow, urls, source=source)


links.provide(ShortLinks())


@on(LinkClicked)
async def show_click(uow: UnitOfWork, event: LinkClicked) -> None:
    """Programs' clicks too, named as such."""
    if event.source.startswith(links.SOURCE):
        delivery_id = UUID(event.source.removeprefix(links.SOURCE))
        await note_click(uow, delivery_id, event.click_id, event.url, event.classification, event.at)
