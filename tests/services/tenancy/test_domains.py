"""Mail domains: proven by DNS, then their people join by themselves when they prove their address."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from tests.name_server import NameServer, running_name_server
from tests.platform import PASSWORD, Organization, Platform, created, problem
from tests.services.tenancy.mail import newest
from tests.services.tenancy.people import member

from septet.services.tenancy.events import EmailVerificationRequested
from septet.services.tenancy.settings import TenancySettings


@pytest.fixture
async def name_server(platform: Platform) -> AsyncIterator[NameServer]:
    """The name server that the platform asks."""
    async with running_name_server() as server:
        before = platform.runtime.service_settings(TenancySettings)
        settings = TenancySettings(dns_servers=(server.address,))
        platform.runtime._service_settings[TenancySettings] = settings
        yield server
        platform.runtime._service_settings[TenancySettings] = before


@pytest.fixture
async def paying(organization: Organization) -> Organization:
    created(await organization.client.post("/billing/trial", json={"plan": "PRO"}))
    return organization


async def proven(organization: Organization, name_server: NameServer) -> str:
    """A verified domain of the organization, whose people become members."""
    domain = f"d{uuid4().hex[:8]}.example"
    added = created(await organization.client.post("/domains", json={"domain": domain}))
    name_server.records[domain].append(added["record"])
    assert (await organization.client.post(f"/domains/{domain}/verify")).json()["verifiedAt"]
    path = f"/organizations/{organization.id}"
    assert (await organization.client.patch(path, json={"domainRole": "MEMBER"})).json()["domainRole"] == "MEMBER"
    return domain


async def verified_person(platform: Platform, email: str) -> dict[str, object]:
    """Sign up, prove the address; returns what GET /me says."""
    body = {"email": email, "password": PASSWORD, "name": "New"}
    token = created(await platform.client().post("/auth/signup", json=body))["session"]["token"]
    client = platform.client(token)
    assert (await client.get("/me")).json()["memberships"] == []
    mailed = (await newest(platform, email, EmailVerificationRequested)).token
    assert (await platform.client().post("/auth/email/verify", json={"token": mailed})).status_code == 204
    return dict((await client.get("/me")).json())


async def test_people_of_a_proven_domain_join(
    platform: Platform, paying: Organization, name_server: NameServer
) -> None:
    domain = await proven(paying, name_server)
    me = await verified_person(platform, f"ada@{domain}")
    assert me["memberships"][0]["organizationId"] == str(paying.id)  # type: ignore[index]
    elsewhere = await verified_person(platform, f"eve@sub.{domain}")
    assert elsewhere["memberships"] == []
    events = (await paying.client.get("/audit-events?action=member.joined")).json()["data"]
    assert [event["details"]["by"] for event in events] == ["domain"]


async def test_nobody_joins_unless_it_is_wanted_and_proven(
    platform: Platform, paying: Organization, name_server: NameServer
) -> None:
    domain = await proven(paying, name_server)
    await paying.client.patch(f"/organizations/{paying.id}", json={"domainRole": None})
    assert (await verified_person(platform, f"a@{domain}"))["memberships"] == []
    await paying.client.patch(f"/organizations/{paying.id}", json={"domainRole": "MEMBER"})
    assert (await paying.client.delete(f"/domains/{domain}")).status_code == 204
    created(await paying.client.post("/domains", json={"domain": domain}))
    problem(await paying.client.post(f"/domains/{domain}/verify"), 409, "domain_not_proven")
    assert (await verified_person(platform, f"b@{domain}"))["memberships"] == []


async def test_a_domain_is_one_organizations(platform: Platform, paying: Organization, name_server: NameServer) -> None:
    domain = await proven(paying, name_server)
    rival = await platform.organization("Rival")
    await rival.client.post("/billing/trial", json={"plan": "PRO"})
    added = created(await rival.client.post("/domains", json={"domain": domain}))
    name_server.records[domain].append(added["record"])
    problem(await rival.client.post(f"/domains/{domain}/verify"), 409, "domain_taken")


async def test_public_mail_domains_are_refused(platform: Platform, paying: Organization) -> None:
    for domain in ("gmail.com", "GMX.de", "x.outlook.com"):
        problem(await paying.client.post("/domains", json={"domain": domain}), 422, "public_mail_domain")
    admin = await member(platform, paying, "ADMIN")
    problem(await admin.client.post("/domains", json={"domain": "ok.example"}), 403, "forbidden")
