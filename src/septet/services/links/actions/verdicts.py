"""Running the rules of classification over past clicks again: new rows replace the old ones, id by id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions.links import get_link
from septet.services.links.classification import classify, program_verdict
from septet.services.links.clicks import Classifier
from septet.services.links.events import ReclassificationAsked
from septet.services.links.settings import LinksSettings
from septet.services.links.store import clicks

CHUNK = 20_000


async def ask_for_judgement(uow: UnitOfWork, link_id: UUID) -> None:
    """Have it done in the background. Raises LinkNotFound."""
    uow.actor.require(permissions.CHANGE_LINKS)
    link = await get_link(uow, link_id)
    uow.emit(ReclassificationAsked(uow.tenant_id, link.id))


async def judge_again(uow: UnitOfWork, link_id: UUID) -> None:
    """Clicks of visitors who asked not to be tracked keep their verdict: what it was based on is gone."""
    seconds = uow.settings(LinksSettings).duplicate_seconds
    memory = Classifier(seconds)
    now = uow.clock.unix_ms()
    within = clicks.Range(uow.tenant_id, 0, now, [link_id])
    after: tuple[int, UUID] | None = None
    while rows := await clicks.in_order(uow.runtime.clickhouse, within, CHUNK, after):
        after = _at(rows[-1]), rows[-1]["id"]
        judged = [_judged(row, memory, seconds * 1000, now) for row in rows if row["visitor"]]
        if judged:
            await clicks.add(uow.runtime.clickhouse, judged, f"verdicts {link_id} {now} {after}")


def _judged(row: dict[str, Any], memory: Classifier, duplicate_ms: int, version: int) -> dict[str, Any]:
    since_last = memory.since_last(row["link_id"].hex.encode(), row["visitor"], _at(row))
    verdict = classify(program_verdict(row["user_agent"]), since_last, duplicate_ms)
    return row | {"classification": verdict.classification, "reason": verdict.reason, "version": version}


def _at(row: dict[str, Any]) -> int:
    moment: datetime = row["at"]
    return round(moment.timestamp() * 1000)
