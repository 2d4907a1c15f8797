"""The promise of `integrations/reconciliation_notifies.py`."""

from tests.integrations.events import deliver
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Platform

from septet.services.payments.events import ReconciliationFoundDiscrepancies


async def test_a_day_that_differs_is_told_once_to_administrators(
    platform: Platform, organization: Organization
) -> None:
    member = await colleague(platform, organization)
    for day in ("2026-01-30", "2026-01-31"):
        await deliver(platform, organization.id, ReconciliationFoundDiscrepancies(organization.id, day, 3))
    assert await inbox(platform, organization.owner) == ["Reconciliation: 3 discrepancies"] * 2
    assert await inbox(platform, member) == []
