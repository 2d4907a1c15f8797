"""What links do later: announce milestones, add up hours, and run the rules over past clicks again."""

from uuid import UUID

from septet.kernel.events import on
from septet.kernel.jobs import job, schedule
from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.hours import add_up_hours
from septet.services.links.actions.milestones import announce_milestones, tenants_with_clicks
from septet.services.links.actions.verdicts import judge_again
from septet.services.links.events import ReclassificationAsked

LINKS_A_JOB = 1000


@schedule("* * * * *")
async def look_for_milestones(uow: UnitOfWork) -> None:
    for tenant_id, links in (await tenants_with_clicks(uow)).items():
        await uow.enter_tenant(tenant_id)
        for start in range(0, len(links), LINKS_A_JOB):
            uow.enqueue(announce, links[start : start + LINKS_A_JOB])


@job(concurrency=1)
async def announce(uow: UnitOfWork, links: list[UUID]) -> None:
    await announce_milestones(uow, links)


@schedule("*/5 * * * *")
async def add_up(uow: UnitOfWork) -> None:
    await add_up_hours(uow)


@on(ReclassificationAsked)
async def reclassify(uow: UnitOfWork, event: ReclassificationAsked) -> None:
    await judge_again(uow, event.link_id)
