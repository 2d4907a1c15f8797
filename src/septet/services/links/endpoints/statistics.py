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
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions import links as link_actions
from septet.services.links.actions import statistics as actions
from septet.services.links.actions.statistics import Question
from septet.services.links.actions.verdicts import ask_for_judgement
from septet.services.links.errors import LinkNotFound
from septet.services.links.live import LiveFeed
from septet.services.links.schemas import ClickOut, Reclassified, Statistics
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


@router.get(
    "/links/{link_id}/clicks", summary="The clicks of a link, newest first", responses=refusals(*_REFUSED, LinkNotFound)
)
async def list_clicks(link_id: UUID, uow: TenantUow, page: PageQuery) -> Page[ClickOut]:
    link = await link_actions.get_link(uow, link_id)
    return await _clicks(uow, page, [link.id])


async def _clicks(uow: UnitOfWork, page: PageQuery, links: list[UUID]) -> Page[ClickOut]:
    until = round((uow.now + timedelta(milliseconds=1)).timestamp() * 1000)
    within = store.Range(uow.tenant_id, _BEGINNING, until, links)
    before: Any = page.after(moment, UUID)
    rows = await store.newest(uow.runtime.clickhouse, within, page.fetch, before)
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
