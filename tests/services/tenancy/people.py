"""Organizations with more than one member."""

from uuid import UUID

from tests.platform import PASSWORD, Organization, Person, Platform, created
from tests.services.tenancy.mail import newest

from septet.services.tenancy.events import InvitationMailRequested


async def invite(platform: Platform, organization: Organization, email: str, role: str = "MEMBER") -> str:
    """Invite an address; returns the token that it would be mailed."""
    created(await organization.client.post("/invitations", json={"email": email, "role": role}))
    return (await newest(platform, email, InvitationMailRequested)).token


async def member(platform: Platform, organization: Organization, role: str = "MEMBER") -> Person:
    """A new person who accepted an invitation, logged in for the organization."""
    person = await platform.person()
    token = await invite(platform, organization, person.email, role)
    answer = await person.client.post("/invitations/accept", json={"token": token})
    assert answer.status_code == 200, answer.text
    return Person(platform.client(person.token, organization.id), person.id, person.email, person.token)


async def log_in(platform: Platform, email: str, password: str = PASSWORD, **more: str) -> Person:
    """Log an existing person in."""
    answer = await platform.client().post("/auth/login", json={"email": email, "password": password, **more})
    assert answer.status_code == 200, answer.text
    token = answer.json()["session"]["token"]
    return Person(platform.client(token), UUID(answer.json()["user"]["id"]), email, token)
