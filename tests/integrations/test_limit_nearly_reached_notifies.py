"""The promise of `integrations/limit_nearly_reached_notifies.py`."""

from tests.integrations.mailbox import mail_to
from tests.platform import Organization, Platform, created

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.limits.events import NearlyReached


async def test_administrators_are_told_which_limit_and_how_much(platform: Platform, organization: Organization) -> None:
    rule = {"name": "Orders", "scope": "tenant", "algorithm": "fixed_window", "limit": 100, "windowMs": 86_400_000}
    made = created(await organization.client.post("/limits/rules", json=rule))
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        uow.emit(NearlyReached(organization.id, made["id"], "Orders", "application", "", 100, 80))
        await uow.commit()
    mail = await mail_to(platform, organization, organization.owner.email, "“Orders”")
    assert "80" in mail["text"]
