"""Organizations, members, roles, ownership, deletion with grace, API keys, idempotency, the audit log."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.platform import Organization, Platform, created, problem
from tests.services.tenancy.mail import newest, received
from tests.services.tenancy.people import invite, log_in, member

from septet.kernel.identity import PERMISSIONS
from septet.services.tenancy.events import OrganizationPurged


async def test_creator_is_owner_and_switches_by_header(platform: Platform) -> None:
    person = await platform.person()
    first = created(await person.client.post("/organizations", json={"name": "Ærø & Sons", "slug": None}))
    assert first["plan"] == "FREE"
    assert (await person.client.get("/members")).json()["data"][0]["role"] == "OWNER"
    second = created(await person.client.post("/organizations", json={"name": "Second"}))
    problem(await person.client.get("/members"), 400, "organization_required")
    for organization in (first, second):
        headers = {"Septet-Organization": organization["id"]}
        assert (await person.client.get("/members", headers=headers)).status_code == 200
    assert [o["id"] for o in (await person.client.get("/organizations")).json()["data"]] == [first["id"], second["id"]]


async def test_slugs_are_unique_and_changes_are_conditional(platform: Platform, organization: Organization) -> None:
    path = f"/organizations/{organization.id}"
    etag = (await organization.client.get(path)).headers["etag"]
    renamed = await organization.client.patch(path, json={"name": "New"}, headers={"If-Match": etag})
    assert (renamed.json()["name"], renamed.status_code) == ("New", 200)
    stale = await organization.client.patch(path, json={"name": "Newer"}, headers={"If-Match": etag})
    problem(stale, 412, "precondition_failed")
    other = await platform.organization()
    slug = (await other.client.get(f"/organizations/{other.id}")).json()["slug"]
    problem(await organization.client.patch(path, json={"slug": slug}), 409, "slug_taken")
    problem(await organization.client.post("/organizations", json={"name": "X", "slug": slug}), 409, "slug_taken")


async def test_last_owner_stays(platform: Platform, organization: Organization) -> None:
    owner, me = organization.owner, f"/members/{organization.owner.id}"
    await member(platform, organization, "ADMIN")
    problem(await owner.client.delete(me), 409, "last_owner")
    problem(await owner.client.patch(me, json={"role": "ADMIN"}), 409, "last_owner")
    second = await member(platform, organization, "OWNER")
    assert (await owner.client.delete(me)).status_code == 204
    problem(await owner.client.get("/members"), 403, "forbidden")
    problem(await second.client.delete(f"/members/{second.id}"), 409, "last_owner")


async def test_demotion_counts_at_once(platform: Platform, organization: Organization) -> None:
    admin = await member(platform, organization, "ADMIN")
    assert (await admin.client.get("/api-keys")).status_code == 200
    path = f"/members/{admin.id}"
    problem(await admin.client.patch(path, json={"role": "OWNER"}), 403, "role_above_own")
    assert (await organization.client.patch(path, json={"role": "MEMBER"})).json()["role"] == "MEMBER"
    problem(await admin.client.get("/api-keys"), 403, "forbidden")
    assert (await organization.client.delete(path)).status_code == 204
    problem(await admin.client.get("/members"), 403, "forbidden")
    problem(await organization.client.delete(path), 404, "member_not_found")


async def test_ownership_is_handed_over(platform: Platform, organization: Organization) -> None:
    heir = await member(platform, organization)
    path = f"/organizations/{organization.id}/transfer"
    problem(await heir.client.post(path, json={"userId": str(heir.id)}), 403, "forbidden")
    assert (await organization.client.post(path, json={"userId": str(heir.id)})).json()["role"] == "OWNER"
    roles = {m["userId"]: m["role"] for m in (await heir.client.get("/members")).json()["data"]}
    assert roles == {str(heir.id): "OWNER", str(organization.owner.id): "ADMIN"}
    problem(await organization.client.post(path, json={"userId": str(heir.id)}), 403, "forbidden")


async def test_deletion_closes_at_once_and_can_be_undone(platform: Platform, organization: Organization) -> None:
    plain, key = await member(platform, organization), await platform.api_client(organization)
    assert (await key.get("/members")).status_code == 200
    path = f"/organizations/{organization.id}"
    problem(await plain.client.delete(path), 403, "forbidden")
    assert (await organization.client.delete(path)).status_code == 204
    problem(await organization.client.get("/members"), 403, "forbidden")
    problem(await key.get("/members"), 401, "unauthenticated")
    owner, simple = platform.client(organization.owner.token), platform.client(plain.token)
    assert (await owner.get("/me")).json()["memberships"][0]["deletionDueAt"]
    problem(await owner.get(path), 404, "organization_not_found")
    problem(await simple.post(f"{path}/restore"), 403, "forbidden")
    assert (await owner.post(f"{path}/restore")).json()["deletionDueAt"] is None
    assert (await organization.client.get("/members")).status_code == 200
    assert (await key.get("/members")).status_code == 200
    problem(await owner.post(f"{path}/restore"), 409, "not_deleted")


async def test_data_goes_when_the_grace_is_over_and_not_before(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    path = f"/organizations/{organization.id}"
    owner = own_platform.client(organization.owner.token)
    await owner.delete(path)
    await owner.post(f"{path}/restore")
    await own_platform.advance(7 * 86_400)
    owner = (await log_in(own_platform, organization.owner.email)).client
    await owner.delete(path)
    await own_platform.advance(8 * 86_400)
    assert not await received(own_platform, organization.id, OrganizationPurged), "the undone deletion ran"
    await own_platform.advance(6 * 86_400 + 60)
    await newest(own_platform, organization.id, OrganizationPurged)
    async with own_platform.runtime.postgres.session(organization.id, None) as session:
        for table in ("organizations", "memberships", "audit_events", "subscriptions"):
            assert await session.scalar(text(f"SELECT count(*) FROM tenancy.{table}")) == 0, table


async def test_api_keys_have_scopes_and_are_shown_once(platform: Platform, organization: Organization) -> None:
    problem(await organization.client.post("/api-keys", json={"name": "x", "scopes": ["a:b"]}), 422, "unknown_scope")
    issued = created(await organization.client.post("/api-keys", json={"name": "x", "scopes": ["tenancy:read"]}))
    assert issued["key"].startswith(issued["prefix"])
    client = platform.client(issued["key"])
    assert (await client.get("/members")).status_code == 200
    assert problem(await client.post("/projects", json={"name": "P"}), 403, "forbidden")["requiredScope"]
    listed = (await organization.client.get("/api-keys")).json()["data"][0]
    assert "key" not in listed
    assert listed["lastUsedAt"]
    assert (await organization.client.delete(f"/api-keys/{issued['id']}")).status_code == 204
    problem(await client.get("/members"), 401, "unauthenticated")


async def test_rotated_key_overlaps_and_expires(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    old = created(await organization.client.post("/api-keys", json={"name": "x", "scopes": ["*"]}))
    path = f"/api-keys/{old['id']}/rotate"
    new = created(await organization.client.post(path, json={"overlapSeconds": 3600}))
    assert (new["scopes"], new["name"], new["expiresAt"]) == (["*"], "x", None)
    problem(await organization.client.post(path), 409, "api_key_replaced")
    for key in (old, new):
        assert (await own_platform.client(key["key"]).get("/members")).status_code == 200
    await own_platform.advance(3601)
    problem(await own_platform.client(old["key"]).get("/members"), 401, "unauthenticated")
    assert (await own_platform.client(new["key"]).get("/members")).status_code == 200
    ends = (own_platform.runtime.clock.now() + timedelta(minutes=5)).isoformat()
    short = created(await organization.client.post("/api-keys", json={"name": "s", "scopes": ["*"], "expiresAt": ends}))
    await own_platform.advance(301)
    problem(await own_platform.client(short["key"]).get("/members"), 401, "unauthenticated")


async def test_idempotency_key_replays_and_refuses_another_body(organization: Organization) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await organization.client.post("/projects", json={"name": "P"}, headers=headers)
    again = await organization.client.post("/projects", json={"name": "P"}, headers=headers)
    assert again.json() == created(first)
    assert again.headers["idempotency-replayed"] == "true"
    other = await organization.client.post("/projects", json={"name": "Q"}, headers=headers)
    problem(other, 422, "idempotency_key_reused")
    assert len((await organization.client.get("/projects")).json()["data"]) == 1


async def test_audit_log_tells_filters_and_exports(platform: Platform, organization: Organization) -> None:
    plain = await member(platform, organization)
    await organization.client.patch(f"/members/{plain.id}", json={"role": "ADMIN"})
    await platform.api_key(organization)
    events = (await organization.client.get("/audit-events")).json()["data"]
    told = [event["action"] for event in events]
    assert told == [
        "api_key.created",
        "member.role_changed",
        "invitation.accepted",
        "invitation.created",
        "organization.created",
    ]
    change = (await organization.client.get("/audit-events?action=member.*")).json()["data"]
    assert [e["details"] for e in change] == [{"before": "MEMBER", "after": "ADMIN"}]
    assert change[0]["actorId"] == str(organization.owner.id)
    assert change[0]["address"] == "127.0.0.1"
    by_other = await organization.client.get("/audit-events", params={"actorId": str(plain.id)})
    assert {e["action"] for e in by_other.json()["data"]} == {"invitation.accepted"}
    later = await organization.client.get("/audit-events", params={"from": events[1]["at"]})
    assert len(later.json()["data"]) == 2
    pages, cursor = [], None
    while cursor is not None or not pages:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await organization.client.get("/audit-events", params=params)).json()
        pages.append([e["action"] for e in page["data"]])
        cursor = page["nextCursor"]
    assert [action for page in pages for action in page] == told
    exported = list(csv.DictReader(io.StringIO((await organization.client.get("/audit-events/export")).text)))
    assert [row["action"] for row in exported] == told


async def test_audit_log_cannot_be_rewritten(platform: Platform, organization: Organization) -> None:
    for statement in ("UPDATE tenancy.audit_events SET action = 'x'", "DELETE FROM tenancy.audit_events"):
        async with platform.runtime.postgres.session(organization.id, None) as session:
            with pytest.raises(Exception, match="permission denied"):
                await session.execute(text(statement))


CELLS = {
    "organization:read": ("GET", "/organizations/{organization}", None),
    "organization:change": ("PATCH", "/organizations/{organization}", {}),
    "organization:export": ("POST", "/organizations/{organization}/export", None),
    "organization:transfer": ("POST", "/organizations/{organization}/transfer", {"userId": "{nobody}"}),
    "members:read": ("GET", "/members", None),
    "members:change": ("PATCH", "/members/{nobody}", {"role": "MEMBER"}),
    "invitations:read": ("GET", "/invitations", None),
    "invitations:change": ("DELETE", "/invitations/{nobody}", None),
    "api_keys:read": ("GET", "/api-keys", None),
    "api_keys:change": ("DELETE", "/api-keys/{nobody}", None),
    "domains:read": ("GET", "/domains", None),
    "domains:change": ("DELETE", "/domains/nothing.example", None),
    "audit_log:read": ("GET", "/audit-events", None),
    "projects:read": ("GET", "/projects", None),
    "projects:change": ("PATCH", "/projects/{nobody}", {}),
    "tasks:change": ("PATCH", "/tasks/{nobody}", {}),
    "billing:read": ("GET", "/billing", None),
    "billing:change": ("DELETE", "/billing/pending-change", None),
    "flags:read": ("GET", "/features", None),
    "flags:change": ("DELETE", "/features/nothing", None),
    "organization:delete": ("DELETE", "/organizations/{organization}", None),
}
"""A request for each permission of tenancy; where its object does not exist, 404 tells that it was allowed."""


async def test_permission_matrix_cell_by_cell(platform: Platform, organization: Organization) -> None:
    declared = {name: p for name, p in PERMISSIONS.items() if p.scope.startswith("tenancy:")}
    assert declared.keys() == CELLS.keys(), "every permission of tenancy has a cell here"
    people = {role: await member(platform, organization, role) for role in ("MEMBER", "ADMIN", "OWNER")}
    nobody = str(platform.runtime.clock.new_id())
    for name, (method, path, body) in CELLS.items():
        for role, person in people.items():
            where = path.format(organization=organization.id, nobody=nobody)
            sent = {key: value.format(nobody=nobody) for key, value in body.items()} if body is not None else None
            answer = await person.client.request(method, where, json=sent)
            if list(people).index(role) >= list(people).index(declared[name].role):
                assert answer.status_code in (200, 202, 204, 404), (name, role, answer.text)
            else:
                assert problem(answer, 403, "forbidden")["requiredRole"] == declared[name].role, (name, role)


async def test_bad_input_is_told_by_field(platform: Platform, organization: Organization) -> None:
    bad = await organization.client.post("/invitations", json={"email": "x", "role": "KING", "more": 1})
    assert {e["field"] for e in problem(bad, 422, "invalid_input")["errors"]} == {"email", "role", "more"}
    problem(await organization.client.get("/members?cursor=abc"), 400, "bad_parameter")
    problem(await organization.client.get("/members?limit=0"), 422, "invalid_input")
    token = await invite(platform, organization, "x@example.com")
    problem(
        await platform.client().post("/invitations/accept", json={"token": token + "x"}), 404, "invitation_not_found"
    )
