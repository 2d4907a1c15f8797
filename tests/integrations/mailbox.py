"""Reading the development mailbox in tests."""

from typing import Any

from tests.platform import Organization, Platform


async def mail_to(platform: Platform, organization: Organization, address: str) -> dict[str, Any]:
    """The newest mail to the address; fails when there is none."""
    await platform.jobs_done()
    found = (await organization.client.get(f"/mailbox?to={address}")).json()["data"]
    assert found, f"no mail to {address}"
    mail: dict[str, Any] = (await organization.client.get(f"/mailbox/{found[0]['id']}")).json()
    return mail
