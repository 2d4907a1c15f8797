"""Organizations with more than one member."""

from uuid import UUID

from tests.platform import PASSWORD, Organization, Person, Platform, created
from tests.services.tenancy.mail import newest

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import Role, system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.events import InvitationMailRequested
from septet.services.tenancy.store import organizations


async def invite(platform: Platform, organization: Organization, email: str, role: str = "MEMBER") -> str:
    """Invite an address; returns the token that it would be mailed."""
    created(await organization.client.post("/invitations", json={"email": email, "role": role}))
    return (await newest(platform, email, InvitationMailRequested)).token


async def join(platform: Platform, organization_id: UUID, person: Person, role: str = "MEMBER") -> Person:
    """Make somebody a member without an invitation, where how they joined is not what is tested."""
    async with UnitOfWork(platform.runtime, system_actor(organization_id)) as uow:
        await organizations.add_membership(uow, person.id, Role(role), uow.now)
        revoke_cached(uow, role_cache_key(organization_id, person.id))
        await uow.commit()
    return Person(platform.client(person.token, organization_id), person.id, person.email, person.token)


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
