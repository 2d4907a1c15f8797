"""Reading the development mailbox in tests."""

from typing import Any

from tests.platform import Organization, Platform


async def mail_to(platform: Platform, organization: Organization, address: str, subject: str) -> dict[str, Any]:
    """The newest mail to the address whose subject has these words; fails when there is none."""
    await platform.jobs_done()
    listed = (await organization.client.get(f"/mailbox?to={address}")).json()["data"]
    found = [mail for mail in listed if subject in mail["subject"]]
    assert found, f"no mail to {address} about {subject!r}"
    mail: dict[str, Any] = (await organization.client.get(f"/mailbox/{found[0]['id']}")).json()
    return mail
