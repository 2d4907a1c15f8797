"""The promise of `integrations/quota_reached_notifies.py`; `test_usage_is_metered` uses a quota up."""

from datetime import date

from tests.integrations.events import deliver
from tests.integrations.mailbox import mail_to
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Platform

from septet.services.tenancy.events import QuotaReached


async def test_owners_are_told_once_at_each_step_of_each_day(platform: Platform, organization: Organization) -> None:
    member = await colleague(platform, organization)
    for day in (date(2026, 1, 30), date(2026, 1, 31)):
        for used in (80, 100, 100):
            reached = QuotaReached(organization.id, day, "messages", used, 100, used, hard=used == 100)
            await deliver(platform, organization.id, reached)
    told = [f"Acme has used {percent} of “messages”" for percent in ("80%", "100%")]
    assert await inbox(platform, organization.owner) == told * 2
    assert await inbox(platform, member) == []
    mail = await mail_to(platform, organization, organization.owner.email, "has used 100%")
    assert "More is refused until tomorrow" in mail["text"]
