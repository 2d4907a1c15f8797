"""The promise of `integrations/plan_sets_limits.py`."""

from uuid import UUID

from sqlalchemy import text
from tests.platform import Organization, Platform, created, problem

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions.flags import Definition, put_flag


async def requests_per_minute(organization: Organization) -> int:
    rules = (await organization.client.get("/limits/rules")).json()["data"]
    return int(next(rule["limit"] for rule in rules if rule["name"] == "Septet: organization"))


async def operator_sets(platform: Platform, organization: Organization, key: str, value: int) -> None:
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        await put_flag(uow, key, Definition("", True, value, value, 100, None, None))
        await uow.commit()
    await platform.jobs_done()


async def test_a_greater_plan_allows_more_requests_and_a_header_says_so(
    platform: Platform, organization: Organization
) -> None:
    await platform.jobs_done()
    plans = {plan["key"]: plan["features"] for plan in (await organization.client.get("/plans")).json()["data"]}
    assert await requests_per_minute(organization) == plans["FREE"]["limits.requestsPerMinute"]
    await organization.client.post("/billing/trial", json={"plan": "PRO"})
    await platform.jobs_done()
    assert await requests_per_minute(organization) == plans["PRO"]["limits.requestsPerMinute"]
    told = (await organization.client.get("/projects")).headers["ratelimit-policy"]
    assert f"q={plans['PRO']['limits.requestsPerMinute'] // 2}" in told


async def test_what_the_plan_leaves_as_it_is_is_no_change(platform: Platform, organization: Organization) -> None:
    await platform.jobs_done()
    changes = (await organization.client.get("/limits/rules/history")).json()["data"]
    assert {change["change"] for change in changes} == {"created"}


async def test_a_rule_that_somebody_changed_stays(platform: Platform, organization: Organization) -> None:
    rules = (await organization.client.get("/limits/rules")).json()["data"]
    rule = next(rule for rule in rules if rule["name"] == "Septet: organization")
    body = {name: value for name, value in rule.items() if name not in ("id", "seeded", "createdAt", "updatedAt")}
    await organization.client.put(f"/limits/rules/{rule['id']}", json=body | {"limit": 1234})
    await organization.client.post("/billing/trial", json={"plan": "PRO"})
    await platform.jobs_done()
    assert await requests_per_minute(organization) == 1234


async def test_log_retention_is_capped_by_what_an_operator_allows(
    platform: Platform, organization: Organization
) -> None:
    assert (await organization.client.put("/logs/retention", json={"days": 300})).status_code == 200
    await operator_sets(platform, organization, "logs.retentionDays", 10)
    assert (await organization.client.get("/logs/retention")).json()["days"] == 10
    problem(await organization.client.put("/logs/retention", json={"days": 11}), 402, "quota_exceeded")


async def test_link_quota_follows_the_operator(platform: Platform, organization: Organization) -> None:
    await operator_sets(platform, organization, "links", 1)
    answers = [await organization.client.post("/links", json={"url": "https://example.com/"}) for _ in range(2)]
    assert answers[0].status_code == 201
    problem(answers[1], 402, "quota_exceeded")


async def test_chat_is_shown_as_far_back_as_the_plan_goes(platform: Platform, organization: Organization) -> None:
    client = organization.client
    room = created(await client.post("/rooms", json={"name": "crew"}))["id"]
    for body in ("ancient", "today"):
        created(await client.post(f"/rooms/{room}/messages", json={"clientMessageId": body, "body": body}))
    await grow_older(platform, organization.id, room, days=91)

    async def read() -> list[tuple[str, bool]]:
        messages = (await client.get(f"/rooms/{room}/messages")).json()["data"]
        return [(message["body"], message["withheld"]) for message in messages]

    assert await read() == [("", True), ("today", False)]
    created(await client.post("/billing/trial", json={"plan": "PRO"}))
    assert await read() == [("ancient", False), ("today", False)]
    await operator_sets(platform, organization, "chat.historyDays", 30)
    assert await read() == [("", True), ("today", False)]


async def grow_older(platform: Platform, organization_id: UUID, room: str, *, days: int) -> None:
    """The room's first message was sent so long ago."""
    statement = """UPDATE chat.messages SET sent_at = sent_at - make_interval(days => :days)
        WHERE room_id = :room AND seq = 1"""
    async with UnitOfWork(platform.runtime, system_actor(organization_id)) as uow:
        await uow.execute(text(statement), {"days": days, "room": room})
        await uow.commit()
