"""The promise of `integrations/invite_sends_notification.py`."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from tests.integrations.events import deliver
from tests.integrations.mailbox import mail_to
from tests.platform import Organization, Platform, created

from septet.services.tenancy.events import InvitationMailRequested


async def test_invitation_becomes_a_mail_whose_link_accepts_it(platform: Platform, organization: Organization) -> None:
    guest = await platform.person()
    created(await organization.client.post("/invitations", json={"email": guest.email, "role": "MEMBER"}))
    await platform.jobs_done()
    mail = await mail_to(platform, organization, guest.email, "invites you")
    link = next(word for word in mail["text"].split() if "token=" in word).strip("()")
    (token,) = parse_qs(urlsplit(link).query)["token"]
    answer = await guest.client.post("/invitations/accept", json={"token": token})
    assert answer.status_code == 200, answer.text
    assert answer.json()["organizationId"] == str(organization.id)


async def test_resent_invitation_is_a_second_mail(platform: Platform, organization: Organization) -> None:
    invitation = created(
        await organization.client.post("/invitations", json={"email": "guest@example.org", "role": "MEMBER"})
    )
    await platform.jobs_done()
    await organization.client.post(f"/invitations/{invitation['id']}/resend")
    await platform.jobs_done()
    found = (await organization.client.get("/mailbox?to=guest@example.org")).json()["data"]
    assert len(found) == 2


async def test_in_the_language_of_the_invited_and_told_twice_it_is_one_mail(
    platform: Platform, organization: Organization
) -> None:
    wanted = InvitationMailRequested(
        organization.id,
        UUID(int=1),
        "gosc@example.org",
        "MEMBER",
        "t" * 32,
        "Acme",
        "Ada",
        "pl",
        platform.runtime.clock.now(),
    )
    await deliver(platform, organization.id, wanted)
    (mail,) = (await organization.client.get("/mailbox?to=gosc@example.org")).json()["data"]
    assert "zaprasza" in mail["subject"]
