"""What an organization uses of each service is measured every hour: each service counts, tenancy keeps the counts."""

from collections.abc import Mapping
from datetime import date

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.metering import messages_on
from septet.services.limits.actions.statistics import checks_on
from septet.services.links.actions.metering import count_links
from septet.services.logs.actions.platform import arrived
from septet.services.notifications.actions.metering import notifications_on
from septet.services.tenancy import metering
from septet.services.tenancy.actions.usage import keep_measuring
from septet.services.tenancy.events import OrganizationCreated


class Meters:
    """Implements `metering.Meter`."""

    async def measure(self, uow: UnitOfWork, day: date) -> Mapping[str, int]:
        logged = (await arrived(uow.runtime, day)).get(uow.tenant_id)
        return {
            "links": await count_links(uow),
            "messages": await messages_on(uow, day),
            "notifications": await notifications_on(uow, day),
            "checks": await checks_on(uow, day),
            "logBytes": logged.bytes if logged else 0,
        }


metering.provide(Meters())


@on(OrganizationCreated)
async def begin(uow: UnitOfWork, _: OrganizationCreated) -> None:
    """From its first hour on."""
    keep_measuring(uow)
