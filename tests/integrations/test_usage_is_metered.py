"""The promises of `usage_is_metered.py` and `quota_reached_notifies.py`."""

from typing import Any

import pytest
from tests.integrations.mailbox import mail_to
from tests.integrations.test_plan_sets_limits import operator_sets
from tests.platform import Organization, Platform, created, problem


async def usage(organization: Organization) -> dict[str, Any]:
    answer = await organization.client.get("/usage")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def send_messages(organization: Organization, count: int) -> str:
    room = created(await organization.client.post("/rooms", json={"name": "room"}))
    for number in range(count):
        body = {"clientMessageId": f"m{number}", "body": "hello"}
        created(await organization.client.post(f"/rooms/{room['id']}/messages", json=body))
    return str(room["id"])


async def test_what_was_done_today_is_counted(platform: Platform, organization: Organization) -> None:
    await send_messages(organization, 3)
    created(await organization.client.post("/links", json={"url": "https://example.com/"}))
    sent = {"content": {"title": "t", "body": "b"}, "to": {"email": "a@example.com"}}
    assert (await organization.client.post("/notifications", json=sent)).status_code == 202
    await platform.jobs_done()
    (today,) = (await usage(organization))["data"]
    used = {metric: today["used"][metric] for metric in ("seats", "links", "messages", "checks")}
    assert used == {"seats": 1, "links": 1, "messages": 3, "checks": 0}
    assert today["used"]["notifications"] >= 1


async def test_nobody_counts_for_somebody_else(organization: Organization, stranger: Organization) -> None:
    await send_messages(organization, 2)
    (today,) = (await usage(stranger))["data"]
    assert today["used"]["messages"] == 0


async def test_a_soft_quota_warns_the_owner_once_and_refuses_nothing(
    platform: Platform, organization: Organization
) -> None:
    await operator_sets(platform, organization, "usage.hard", False)
    await operator_sets(platform, organization, "usage.messagesPerDay", 5)
    room_id = await send_messages(organization, 4)
    for _ in range(2):
        await usage(organization)
    mail = await mail_to(platform, organization, organization.owner.email, "has used 80")
    assert "messages" in mail["subject"]
    listed = (await organization.client.get(f"/mailbox?to={organization.owner.email}")).json()["data"]
    assert len([mail for mail in listed if "has used" in mail["subject"]]) == 1
    for number in range(3):
        body = {"clientMessageId": f"more{number}", "body": "hello"}
        created(await organization.client.post(f"/rooms/{room_id}/messages", json=body))


async def test_a_hard_quota_refuses_until_the_operator_allows_more(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    await operator_sets(platform, organization, "usage.messagesPerDay", 2)
    room_id = await send_messages(organization, 2)
    (quota,) = [q for q in (await usage(organization))["quotas"] if q["metric"] == "messages"]
    assert quota == {"metric": "messages", "used": 2, "limit": 2, "enforcement": "hard"}
    body = {"clientMessageId": "beyond", "body": "hello"}
    problem(await organization.client.post(f"/rooms/{room_id}/messages", json=body), 402, "quota_exceeded")
    await operator_sets(platform, organization, "usage.messagesPerDay", 10)
    await usage(organization)
    created(await organization.client.post(f"/rooms/{room_id}/messages", json=body))
    await send_messages(stranger, 3)


@pytest.mark.parametrize("query", ["from=2026-02-01&to=2026-01-01", "from=2020-01-01", "from=yesterday"])
async def test_days_that_make_no_sense_are_refused(organization: Organization, query: str) -> None:
    assert (await organization.client.get(f"/usage?{query}")).status_code in (400, 422)


async def test_it_is_measured_every_hour_unasked(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    await own_platform.jobs_done()
    await own_platform.advance(7200)
    await own_platform.advance(86_400)
    assert len((await usage(organization))["data"]) >= 2
