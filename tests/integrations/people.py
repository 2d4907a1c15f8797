"""People of an organization, and what they are told."""

from tests.integrations.mailbox import mail_to
from tests.platform import Organization, Person, Platform, created


async def colleague(platform: Platform, organization: Organization) -> Person:
    """A new member, who acts in the organization."""
    person = await platform.person()
    token = await invited(platform, organization, person.email)
    accepted = await person.client.post("/invitations/accept", json={"token": token})
    assert accepted.status_code == 200, accepted.text
    return Person(platform.client(person.token, organization.id), person.id, person.email, person.token)


async def invited(platform: Platform, organization: Organization, email: str) -> str:
    """The token by which somebody may accept."""
    created(await organization.client.post("/invitations", json={"email": email, "role": "MEMBER"}))
    mail = await mail_to(platform, organization, email, "invites you")
    return str(next(word for word in mail["text"].split() if "token=" in word).strip("()").partition("token=")[2])


async def inbox(platform: Platform, person: Person) -> list[str]:
    """The titles of what they were told in Septet itself, the oldest first."""
    await platform.jobs_done()
    answer = await person.client.get("/inbox?limit=100")
    assert answer.status_code == 200, answer.text
    return [entry["title"] for entry in reversed(answer.json()["data"])]
