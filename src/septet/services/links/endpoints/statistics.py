"""`/links/stats`, `/links/{id}/stats`, clicks one by one, and the live feed."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from septet.kernel.errors import BadParameter, EngineUnavailable, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, moment, refusals
from septet.kernel.runtime import Runtime
from septet.services.links import permissions
from septet.services.links.actions import links as link_actions
from septet.services.links.actions import statistics as actions
from septet.services.links.actions.statistics import Question
from septet.services.links.actions.verdicts import ask_for_judgement
from septet.services.links.errors import LinkNotFound
from septet.services.links.live import LiveFeed
from septet.services.links.schemas import ClickOut, Reclassified, Statistics, Verdict
from septet.services.links.store import clicks as store

router = Router("links", tag="click statistics")
_REFUSED = (Unauthenticated, Forbidden, BadParameter, EngineUnavailable)
_BEGINNING = 0


def _question(
    since: Annotated[
        str | None, Query(alias="from", max_length=40, description="First day or moment; 30 days before `to`.")
    ] = None,
    until: Annotated[str | None, Query(alias="to", max_length=40, description="Last day, or moment; now.")] = None,
    tz: Annotated[str, Query(max_length=64, description="Time zone whose days are meant (IANA).")] = "UTC",
    bots: Annotated[bool, Query(description="Whether clicks of bots and link previews count too.")] = False,
) -> Question:
    return Question(since, until, tz, bots)


Asked = Annotated[Question, Depends(_question)]


@router.get("/links/stats", summary="Statistics over all links, a tag or a domain", responses=refusals(*_REFUSED))
async def get_statistics(
    uow: TenantUow,
    question: Asked,
    tag: Annotated[str | None, Query(max_length=50, description="Only links with this tag.")] = None,
    domain: Annotated[str | None, Query(max_length=253, description="Only links on this custom domain.")] = None,
) -> Statistics:
    return await actions.statistics(uow, tag, domain, question)


@router.get(
    "/links/live",
    summary="Follow the clicks as they come (Server-Sent Events)",
    response_class=StreamingResponse,
    responses={
        **refusals(*_REFUSED),
        200: {
            "description": "One event `click` each, its data as in the list of clicks.",
            "content": {"text/event-stream": {}},
        },
    },
)
async def follow_clicks(
    uow: TenantUow, link: Annotated[UUID | None, Query(description="Only this link's clicks.")] = None
) -> StreamingResponse:
    uow.actor.require(permissions.READ_LINKS)
    events = _events(uow.runtime, uow.tenant_id, link)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(runtime: Runtime, tenant_id: UUID, link: UUID | None) -> AsyncIterator[bytes]:
    async with runtime.shared(LiveFeed).watching(tenant_id) as watcher:
        yield b": the clicks follow\n\n"
        while True:
            try:
                async with asyncio.timeout(LiveFeed.HEARTBEAT_SECONDS):
                    click = await watcher.get()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if link is None or click["linkId"] == str(link):
                yield f"event: click\nid: {click['id']}\ndata: {json.dumps(click)}\n\n".encode()


@router.get("/links/{link_id}/stats", summary="Statistics of a link", responses=refusals(*_REFUSED, LinkNotFound))
async def get_link_statistics(link_id: UUID, uow: TenantUow, question: Asked) -> Statistics:
    return await actions.link_statistics(uow, link_id, question)


def _wanted(
    classification: Annotated[Verdict | None, Query(description="Only clicks by such visitors.")] = None,
    country: Annotated[str | None, Query(max_length=100, description="Only from this country (ISO 3166).")] = None,
    browser: Annotated[str | None, Query(max_length=100, description="Only with this browser.")] = None,
    operating_system: Annotated[
        str | None, Query(alias="operatingSystem", max_length=100, description="Only with this operating system.")
    ] = None,
    device: Annotated[str | None, Query(max_length=100, description="Only with this kind of device.")] = None,
    referrer: Annotated[str | None, Query(max_length=200, description="Text in the page they came from.")] = None,
) -> store.Filter:
    return store.Filter(classification, country, browser, operating_system, device, referrer)


Wanted = Annotated[store.Filter, Depends(_wanted)]


@router.get(
    "/links/{link_id}/clicks", summary="The clicks of a link, newest first", responses=refusals(*_REFUSED, LinkNotFound)
)
async def list_clicks(link_id: UUID, uow: TenantUow, page: PageQuery, wanted: Wanted) -> Page[ClickOut]:
    link = await link_actions.get_link(uow, link_id)
    until = round((uow.now + timedelta(milliseconds=1)).timestamp() * 1000)
    within = store.Range(uow.tenant_id, _BEGINNING, until, [link.id])
    before: Any = page.after(moment, UUID)
    rows = await store.newest(uow.runtime.clickhouse, within, wanted, page.fetch, before)
    return Page.of(rows, page, _position, _click_out)


def _position(row: dict[str, Any]) -> tuple[datetime, UUID]:
    return row["at"], row["id"]


def _click_out(row: dict[str, Any]) -> ClickOut:
    return ClickOut.model_validate({name: row[name] for name in ClickOut.model_fields})


@router.post(
    "/links/{link_id}/reclassify",
    status_code=202,
    summary="Run today's rules again over a link's past clicks",
    responses=refusals(*_REFUSED, LinkNotFound),
)
async def reclassify_clicks(link_id: UUID, uow: TenantUow) -> Reclassified:
    await ask_for_judgement(uow, link_id)
    return Reclassified(scheduled=True)
