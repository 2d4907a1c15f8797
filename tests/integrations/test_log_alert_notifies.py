"""The promise of `integrations/log_alert_notifies.py`."""

from uuid import UUID

from tests.integrations.events import deliver
from tests.integrations.mailbox import mail_to
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Platform

from septet.services.logs.events import LogAlertFired


async def test_each_firing_is_told_once_to_administrators(platform: Platform, organization: Organization) -> None:
    member = await colleague(platform, organization)
    now = platform.runtime.clock.now()
    fired = LogAlertFired(organization.id, UUID(int=3), "Errors", 12, 10, 60, now)
    await deliver(platform, organization.id, fired)
    assert await inbox(platform, organization.owner) == ["Alert: Errors"]
    await deliver(platform, organization.id, fired)  # it has calmed down, and fires again
    assert await inbox(platform, organization.owner) == ["Alert: Errors"] * 2
    assert await inbox(platform, member) == []
    assert "12" in (await mail_to(platform, organization, organization.owner.email, "Alert: Errors"))["text"]
