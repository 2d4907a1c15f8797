"""Facts that links publish."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from septet.kernel.events import event


@event("links.link_created")
class LinkCreated:
    """A short link exists."""

    tenant_id: UUID
    link_id: UUID
    short_url: str
    url: str


@event("links.link_reached_clicks")
class LinkReachedClicks:
    """A link was clicked by people 1, 10, 100, 1,000, … times."""

    tenant_id: UUID
    link_id: UUID
    short_url: str
    clicks: int


@event("links.link_reported")
class LinkReported:
    """Somebody reported a link as abusive."""

    tenant_id: UUID
    link_id: UUID
    report_id: UUID
    reason: str


@event("links.link_disabled")
class LinkDisabled:
    """A link was disabled; its visitors see the reason."""

    tenant_id: UUID
    link_id: UUID
    reason: str


@event("links.reclassification_asked", public=False)
class ReclassificationAsked:
    """Somebody wants today's rules run over a link's past clicks."""

    tenant_id: UUID
    link_id: UUID


@event("links.link_clicked", public=False)
class LinkClicked:
    """A link that was made for a `source` was clicked. It may be told twice after a crash, with the same `click_id`."""

    tenant_id: UUID
    link_id: UUID
    source: str
    url: str
    click_id: UUID
    at: datetime
    classification: Literal["human", "bot", "preview", "duplicate"]
    user_agent: str
