"""The promise of `integrations/limit_nearly_reached_notifies.py`."""

from uuid import UUID

from tests.integrations.events import deliver
from tests.integrations.mailbox import mail_to
from tests.integrations.people import inbox
from tests.platform import Organization, Platform, created

from septet.services.limits.events import NearlyReached


async def test_administrators_are_told_which_limit_and_how_much(platform: Platform, organization: Organization) -> None:
    rule = {"name": "Orders", "scope": "tenant", "algorithm": "fixed_window", "limit": 100, "windowMs": 86_400_000}
    made = created(await organization.client.post("/limits/rules", json=rule))
    nearly = NearlyReached(organization.id, UUID(made["id"]), "Orders", "application", "", 100, 80)
    await deliver(platform, organization.id, nearly)
    assert len(await inbox(platform, organization.owner)) == 1
    mail = await mail_to(platform, organization, organization.owner.email, "“Orders”")
    assert "80" in mail["text"]
