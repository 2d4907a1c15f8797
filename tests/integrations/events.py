"""Events as a job queue delivers them at worst: the same one more than once, at the same time."""

from uuid import UUID

from tests.platform import Platform

from septet.kernel.events import jobs_of
from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork


async def deliver(platform: Platform, tenant_id: UUID, event: object, *, times: int = 2) -> None:
    """To all subscribers, always with one event id, and wait until they are done."""
    async with UnitOfWork(platform.runtime, system_actor(tenant_id)) as uow:
        event_id = str(uow.new_id())
        for handler, payload, _ in jobs_of(event) * times:
            uow._add_job(handler, payload, None, None, event_id)
        await uow.commit()
    await platform.jobs_done()
