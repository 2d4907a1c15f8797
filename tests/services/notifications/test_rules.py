"""Preferences, quiet hours, throttles, digests and suppressions, in virtual time; and why each decided."""

import asyncio
import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.platform import Organization, Platform, created, problem
from tests.services.notifications.conftest import VERIFICATION, mails_to, send, trace_of

from septet.services.notifications.deciding.quiet import quiet_until

HELLO = {"title": "Hello", "body": "there"}


async def set_preferences(organization: Organization, **wish: object) -> None:
    answer = await organization.client.put("/preferences", json=wish)
    assert answer.status_code == 200, answer.text


async def set_category(organization: Organization, name: str, **rules: object) -> None:
    answer = await organization.client.put(f"/notification-categories/{name}", json=rules)
    assert answer.status_code == 200, answer.text


def to_owner(organization: Organization) -> dict[str, str]:
    return {"userId": str(organization.owner.id)}


async def test_preferences_by_category_and_channel(platform: Platform, organization: Organization) -> None:
    await set_preferences(organization, categories={"marketing": {"email": False}})
    sent = await send(organization, content=HELLO, to=to_owner(organization), category="marketing")
    other = await send(organization, content=HELLO, to=to_owner(organization), category="orders")
    forecast = await organization.client.post(
        "/notifications/preview", json={"content": HELLO, "to": to_owner(organization), "category": "marketing"}
    )
    outcomes = {(d["channel"], d["outcome"], d["reason"]) for d in forecast.json()["deliveries"]}
    assert outcomes == {("inApp", "sent", "no_rule_objects"), ("email", "suppressed", "preference")}
    await platform.jobs_done()
    assert await trace_of(organization, sent, "email") == [("queued", "accepted"), ("suppressed", "preference")]
    assert (await trace_of(organization, sent, "inApp"))[-1] == ("delivered", "in_inbox")
    assert (await trace_of(organization, other, "email"))[-1] == ("delivered", "in_mailbox")
    assert len(await mails_to(organization, organization.owner.email)) == 1


async def test_opt_out_stops_all_but_required_categories(platform: Platform, organization: Organization) -> None:
    await set_preferences(organization, optOut=True)
    refused = await organization.client.put("/preferences", json={"categories": {"account": {"email": False}}})
    assert problem(refused, 422, "required_category")["errors"][0]["field"] == "categories.account"
    stopped = await send(organization, content=HELLO, to=to_owner(organization))
    passed = await send(organization, content=HELLO, to=to_owner(organization), category="account")
    await platform.jobs_done()
    assert (await trace_of(organization, stopped, "inApp"))[-1] == ("suppressed", "opt_out")
    assert (await trace_of(organization, passed, "inApp"))[-1] == ("delivered", "in_inbox")
    [mail] = await mails_to(organization, organization.owner.email)
    assert "List-Unsubscribe" not in mail["headers"]


async def test_quiet_hours_defer_until_their_end(boxed: Platform) -> None:
    organization = await boxed.organization()
    now = boxed.runtime.clock.now().astimezone(ZoneInfo("Asia/Tokyo"))
    start, end = (now - timedelta(hours=1)).strftime("%H:%M"), (now + timedelta(hours=2)).strftime("%H:%M")
    await set_preferences(organization, timeZone="Asia/Tokyo", quietHours={"start": start, "end": end})
    await set_category(organization, "alarm", critical=True)
    quiet = await send(organization, content=HELLO, to=to_owner(organization))
    loud = await send(organization, content=HELLO, to=to_owner(organization), category="alarm")
    await boxed.jobs_done()
    assert (await trace_of(organization, quiet, "email"))[-1] == ("deferred", "quiet_hours")
    assert (await trace_of(organization, quiet, "inApp"))[-1] == ("delivered", "in_inbox")
    assert (await trace_of(organization, loud, "email"))[-1] == ("delivered", "in_mailbox")
    await boxed.advance(3600)
    assert len(await mails_to(organization, organization.owner.email)) == 1
    await boxed.advance(3600)
    assert (await trace_of(organization, quiet, "email"))[-1] == ("delivered", "in_mailbox")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2030-03-30T22:30+01:00", "2030-03-31T07:00+02:00"),  # the night that loses an hour
        ("2030-10-26T23:30+02:00", "2030-10-27T07:00+01:00"),  # the night that gains one
        ("2030-03-31T06:59+02:00", "2030-03-31T07:00+02:00"),
        ("2030-03-31T07:00+02:00", None),
        ("2030-03-31T21:59+02:00", None),
    ],
)
def test_quiet_hours_over_the_change_of_summer_time(now: str, until: str | None) -> None:
    found = quiet_until(datetime.fromisoformat(now), time(22), time(7), ZoneInfo("Europe/Warsaw"))
    assert found == (datetime.fromisoformat(until) if until else None)


def test_an_end_that_summer_time_skips_or_repeats() -> None:
    warsaw = ZoneInfo("Europe/Warsaw")
    skipped = quiet_until(datetime(2030, 3, 31, 0, 30, tzinfo=UTC), time(22), time(2, 30), warsaw)
    assert skipped == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)
    second_time = datetime(2030, 10, 27, 1, 10, tzinfo=UTC)  # 02:10, for the second time
    assert quiet_until(second_time, time(22), time(2, 30), warsaw) == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


async def test_throttle_lets_n_pass_in_a_window(boxed: Platform) -> None:
    organization = await boxed.organization()
    await set_category(organization, "chatter", throttleLimit=2, throttleWindowSeconds=600)
    body = {"content": HELLO, "to": to_owner(organization), "category": "chatter", "channels": ["inApp"]}
    sent = await asyncio.gather(*(send(organization, **body) for _ in range(6)))
    await boxed.jobs_done()
    ends = sorted([(await trace_of(organization, each, "inApp"))[-1] for each in sent])
    assert ends == [("delivered", "in_inbox")] * 2 + [("suppressed", "throttled")] * 4
    await boxed.advance(601)
    later = await send(organization, **body)
    await boxed.jobs_done()
    assert (await trace_of(organization, later, "inApp"))[-1] == ("delivered", "in_inbox")


async def test_a_digest_lists_what_came_over_midnight(boxed: Platform) -> None:
    organization = await boxed.organization()
    now = boxed.runtime.clock.now()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    await boxed.advance((midnight - now).total_seconds() - 300)
    await set_category(organization, "orders", digestWindowSeconds=600)
    sent = []
    for number in range(3):
        content = {"title": f"Order {number}", "body": ""}
        body = {"content": content, "to": to_owner(organization), "category": "orders", "channels": ["email"]}
        sent.append(await send(organization, **body, digestKey="orders"))
        await boxed.advance(150)
    assert await mails_to(organization, organization.owner.email) == []
    assert (await trace_of(organization, sent[0], "email"))[-1] == ("digested", "digest")
    await boxed.advance(200)
    [mail] = await mails_to(organization, organization.owner.email)
    assert mail["subject"] == "3 new notifications"
    assert re.findall(r"Order \d", mail["text"]) == ["Order 0", "Order 1", "Order 2"]
    traces = [await trace_of(organization, each, "email") for each in sent]
    assert all(trace[-1] == ("delivered", "in_mailbox") for trace in traces)
    await send(organization, **{**body, "digestKey": "orders"})
    await boxed.advance(601)
    assert [m["subject"] for m in await mails_to(organization, organization.owner.email)][-1] == "1 new notification"


async def test_digest_membership_is_exact_under_concurrency(boxed: Platform) -> None:
    organization = await boxed.organization()
    await set_category(organization, "flood", digestWindowSeconds=2)
    body = {"to": {"email": "flood@example.com"}, "category": "flood", "digestKey": "k"}
    for start in range(0, 60, 20):
        contents = [{"title": f"item-{n}-", "body": ""} for n in range(start, start + 20)]
        await asyncio.gather(*(send(organization, content=content, **body) for content in contents))
        await boxed.advance(1)
    await boxed.advance(5)
    listed = [
        n
        for mail in await mails_to(organization, "flood@example.com")
        for n in re.findall(r"item-(\d+)-", mail["text"])
    ]
    assert sorted(map(int, listed)) == list(range(60))


async def test_unsubscribing_by_the_mails_link(platform: Platform, organization: Organization) -> None:
    body = {"content": HELLO, "to": {"email": "reader@example.com"}, "category": "news"}
    await send(organization, **body)
    await platform.jobs_done()
    [mail] = await mails_to(organization, "reader@example.com")
    link = mail["headers"]["List-Unsubscribe"].strip("<>").removeprefix("http://septet.test")
    anybody = platform.client()
    for _ in range(3):
        page = await anybody.get(link)
        assert page.status_code == 200 and "reader@example.com" in page.text
    still = await send(organization, **body)
    await platform.jobs_done()
    assert (await trace_of(organization, still, "email"))[-1] == ("delivered", "in_mailbox")
    answer = await anybody.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    stopped = await send(organization, **body)
    await platform.jobs_done()
    assert (await trace_of(organization, stopped, "email"))[-1] == ("suppressed", "preference")
    form = {"choices": "save", "email:news": "on"}
    assert "checked" in (await anybody.post(link, data=form)).text
    again = await send(organization, **body)
    await platform.jobs_done()
    assert (await trace_of(organization, again, "email"))[-1] == ("delivered", "in_mailbox")
    problem(await anybody.post(link[:-2]), 404, "unsubscribe_token_invalid")


async def test_hard_bounces_suppress_the_address(platform: Platform, organization: Organization) -> None:
    body = {"content": HELLO, "to": {"email": "gone@example.com"}}
    sent = await send(organization, **body)
    await platform.jobs_done()
    [mail] = await mails_to(organization, "gone@example.com")
    report = (
        "From: mailer-daemon@example.com\nTo: no-reply@septet.example\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
        "Content-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; Gone@Example.com\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {mail['headers']['Message-ID']}\n--b--\n"
    )
    headers = {"Content-Type": "message/rfc822"}
    answer = await organization.client.post("/mail-events/inbound", content=report, headers=headers)
    assert answer.json() == {"suppressed": 1, "recorded": 1}
    assert (await trace_of(organization, sent, "email"))[-1] == ("failed", "hard_bounce")
    stopped = await send(organization, **body)
    await platform.jobs_done()
    assert (await trace_of(organization, stopped, "email"))[-1] == ("suppressed", "address_suppressed")
    assert (await organization.client.delete("/suppressions/gone@example.com")).status_code == 204
    events = {"events": [{"type": "bounce", "email": "gone@example.com", "permanent": False}]}
    assert (await organization.client.post("/mail-events", json=events)).json()["suppressed"] == 0
    events["events"][0]["type"] = "complaint"
    events["events"][0]["permanent"] = True
    assert (await organization.client.post("/mail-events", json=events)).json()["suppressed"] == 1


async def test_a_member_of_another_organization_is_not_reached(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    sent = await send(organization, content=HELLO, to={"userId": str(stranger.owner.id)})
    await platform.jobs_done()
    for channel in ("inApp", "email"):
        assert (await trace_of(organization, sent, channel))[-1] == ("suppressed", "not_a_member")
    assert (await stranger.client.get("/inbox")).json()["data"] == []
    problem(await stranger.client.get(f"/notifications/{sent['id']}"), 404, "notification_not_found")
    mails = (await stranger.client.get("/mailbox")).json()["data"]
    assert [mail for mail in mails if mail["subject"] != VERIFICATION] == []


async def test_suppressed_addresses_are_listed_to_their_organization(
    organization: Organization, stranger: Organization
) -> None:
    for email in ("b@example.com", "a@example.com", "c@example.com"):
        created(await organization.client.post("/suppressions", json={"email": email, "detail": "asked"}))
    first = (await organization.client.get("/suppressions", params={"limit": 2})).json()
    rest = (await organization.client.get("/suppressions", params={"cursor": first["nextCursor"]})).json()
    listed = [each["email"] for each in first["data"] + rest["data"]]
    assert listed == ["a@example.com", "b@example.com", "c@example.com"]
    assert (await stranger.client.get("/suppressions")).json()["data"] == []


async def test_a_reset_category_has_its_built_in_rules_again(
    organization: Organization, stranger: Organization
) -> None:
    for owner in (organization, stranger):
        await set_category(owner, "news", throttleLimit=1)
    reset = (await organization.client.delete("/notification-categories/news")).json()
    assert (reset["builtIn"], reset["throttleLimit"]) == (False, None)
    own, theirs = [
        {rule["name"] for rule in (await client.get("/notification-categories")).json()["data"]}
        for client in (organization.client, stranger.client)
    ]
    assert theirs - own == {"news"}
