"""Clicks: counted once each, labelled with the reason, described, and shown."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.platform import Platform, problem
from tests.services.links.conftest import CHROME, IPHONE, Shortener

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.milestones import announce_milestones
from septet.services.links.classification import classify, program_verdict
from septet.services.links.recorder import FIELD, STREAM
from septet.services.links.records import render_click
from septet.services.links.redirects import Redirects
from septet.services.links.store import spool

AGENTS = [
    (CHROME, "human"),
    (IPHONE, "human"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "human"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.1 Safari/605.1.15",
        "human",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
        "Safari/537.36 Edg/142.0.0.0",
        "human",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
        "human",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Instagram 334.0.4.32.98 (iPhone13,2; iOS 17_5; en_US; en; scale=3.00; 1170x2532; 609775437)",
        "human",
    ),
    ("WhatsApp/2.23.20.0 A", "preview"),
    ("TelegramBot (like TwitterBot)", "preview"),
    ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "preview"),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview"),
    ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "preview"),
    ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", "preview"),
    ("Twitterbot/1.0", "preview"),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", "preview"),
    ("Viber/13.0", "preview"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
        "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "preview",
    ),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bot"),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "bot",
    ),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "bot"),
    ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "bot"),
    ("Barracuda Sentinel (EE)", "bot"),
    ("Mozilla/5.0 (Windows NT 10.0) Mimecast URL Protection", "bot"),
    ("curl/8.10.1", "bot"),
    ("python-requests/2.32.3", "bot"),
    ("Go-http-client/2.0", "bot"),
    ("okhttp/4.12.0", "bot"),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0 Safari/537.36",
        "bot",
    ),
    ("my own script", "bot"),
    ("", "bot"),
]


@pytest.mark.parametrize(("agent", "expected"), AGENTS)
def test_real_user_agents(agent: str, expected: str) -> None:
    verdict = classify(program_verdict(agent), None, 10_000)
    assert verdict.classification == expected, verdict
    assert verdict.reason


async def test_every_click_is_described(shortener: Shortener) -> None:
    link = await shortener.link()
    await shortener.visit(
        f"{link['code']}?utm_source=mail&utm_campaign=may",
        IPHONE,
        referer="https://news.example/story?session=secret",
        accept_language="de-AT,de;q=0.9",
        cf_ipcountry="AT",
    )
    await shortener.visit(link["code"], "Twitterbot/1.0")
    found = await shortener.counted(link, lambda s: s["totalClicks"] == 2, bots="true")
    assert (found["uniqueVisitors"], found["bots"]) == (2, 1)
    people = await shortener.statistics(link)
    assert people["totalClicks"] == 1
    for name, value in {
        "referrers": "news.example",
        "browsers": "Mobile Safari",
        "operatingSystems": "iOS",
        "devices": "mobile",
        "countries": "AT",
        "languages": "de",
        "campaigns": "may",
    }.items():
        assert people[name] == [{"value": value, "clicks": 1}], name
    bot, person = await shortener.clicks(link)
    assert (bot["classification"], bot["reason"]) == ("preview", "link preview: Twitterbot")
    assert (person["classification"], person["reason"]) == ("human", "browser")
    assert (person["referrer"], person["utmSource"]) == ("https://news.example/story", "mail")


async def test_clicks_are_filtered_and_paged(shortener: Shortener) -> None:
    link = await shortener.link()
    for number in range(3):
        agent = f"{IPHONE} {number}"  # another visitor each, so that none is a duplicate
        await shortener.visit(link["code"], agent, referer=f"https://news.example/Story-{number}", cf_ipcountry="AT")
    await shortener.visit(link["code"], CHROME, cf_ipcountry="DE")
    await shortener.visit(link["code"], "Twitterbot/1.0")
    await shortener.counted(link, lambda s: s["totalClicks"] == 5, bots="true")
    path = f"/links/{link['id']}/clicks"

    async def found(**query: str) -> list[str]:
        answer = await shortener.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return sorted(click["browser"] for click in answer.json()["data"])

    phones, desk = ["Mobile Safari"] * 3, ["Chrome"]
    assert await found(classification="human") == desk + phones
    assert await found(country="AT") == await found(browser="Mobile Safari") == await found(device="mobile") == phones
    assert await found(operatingSystem="Linux") == await found(country="DE") == desk
    assert await found(referrer="NEWS.example/story") == phones
    assert await found(referrer="story-1", country="AT") == phones[:1]
    assert await found(classification="bot") == await found(country="DE", device="mobile") == []

    first = (await shortener.client.get(path, params={"country": "AT", "limit": 2})).json()
    rest = (await shortener.client.get(path, params={"country": "AT", "cursor": first["nextCursor"]})).json()
    pages = [click["referrer"][-1] for click in first["data"] + rest["data"]]
    assert (pages, rest["nextCursor"]) == (["2", "1", "0"], None)
    for wrong in ({"classification": "martian"}, {"referrer": "x" * 201}, {"country": "x" * 101}):
        problem(await shortener.client.get(path, params=wrong), 422, "invalid_input")


async def test_head_and_prefetch_are_no_clicks(shortener: Shortener) -> None:
    link = await shortener.link()
    visitor = shortener.platform.client()
    assert (await visitor.head(f"/s/{link['code']}", headers={"User-Agent": CHROME})).status_code == 302
    for header in ("purpose", "sec-purpose", "x-moz"):
        assert (await shortener.visit(link["code"], **{header: "prefetch;prerender"})).status_code == 302
    await shortener.visit(link["code"], IPHONE)
    await shortener.counted(link, lambda s: s["totalClicks"] >= 1)
    assert [click["device"] for click in await shortener.clicks(link)] == ["mobile"]


async def test_second_click_of_a_visitor_is_a_duplicate(own_platform: Platform) -> None:
    shortener = Shortener(own_platform, await own_platform.organization())
    link = await shortener.link()
    await shortener.visit(link["code"])
    await shortener.visit(link["code"])
    await shortener.visit(link["code"], IPHONE)
    await own_platform.advance(11)
    await shortener.visit(link["code"])
    found = await shortener.counted(link, lambda s: s["totalClicks"] == 4)
    assert found["uniqueVisitors"] == 2
    labels = [click["classification"] for click in await shortener.clicks(link)]
    assert sorted(labels) == ["duplicate", "human", "human", "human"]


async def test_visitors_who_ask_not_to_be_tracked_leave_nothing_but_the_click(shortener: Shortener) -> None:
    link = await shortener.link()
    await shortener.visit(link["code"], dnt="1", referer="https://news.example/", cf_ipcountry="AT")
    await shortener.visit(link["code"], "Twitterbot/1.0", sec_gpc="1")
    found = await shortener.counted(link, lambda s: s["totalClicks"] == 2, bots="true")
    assert (found["uniqueVisitors"], found["bots"]) == (0, 1)
    kept = (await shortener.clicks(link))[1]
    assert [kept[name] for name in ("browser", "operatingSystem", "device", "referrer", "country")] == [""] * 5


async def test_no_address_is_stored(shortener: Shortener) -> None:
    link = await shortener.link()
    await shortener.visit(link["code"])
    await shortener.counted(link, lambda s: s["totalClicks"] == 1)
    clickhouse = shortener.platform.runtime.clickhouse
    stored = "SELECT * FROM link_clicks WHERE link_id = {link:UUID}"
    rows = await clickhouse.query_bytes(stored, "CSV", {"link": link["id"]})
    assert rows and b"127.0.0.1" not in rows


async def test_days_are_those_of_the_time_zone(own_platform: Platform) -> None:
    shortener = Shortener(own_platform, await own_platform.organization())
    link = await shortener.link()
    await shortener.visit(link["code"])
    await own_platform.advance(86_400 * 3)
    await shortener.visit(link["code"], IPHONE)
    await shortener.counted(link, lambda s: s["totalClicks"] == 2)
    first, last = reversed([datetime.fromisoformat(click["at"]) for click in await shortener.clicks(link)])
    for zone, hours in (("UTC", 0), ("Asia/Kolkata", 5.5), ("Pacific/Kiritimati", 14)):
        query = {"tz": zone, "from": (first + timedelta(hours=hours)).date().isoformat()}
        days = (await shortener.statistics(link, **query))["perDay"]
        assert [day["clicks"] for day in days] == [1, 0, 0, 1], zone
        assert days[0]["date"] == (first + timedelta(hours=hours)).date().isoformat()
        assert days[-1]["date"] == (last + timedelta(hours=hours)).date().isoformat()
    assert sum(hour["clicks"] for hour in (await shortener.statistics(link))["perHour"]) == 2
    day = first.date().isoformat()
    only = await shortener.statistics(link, **{"from": day, "to": day})
    assert (only["totalClicks"], len(only["perDay"])) == (1, 1)


async def test_statistics_over_a_tag_and_all(shortener: Shortener) -> None:
    tagged, other = await shortener.link(tags=["may"]), await shortener.link()
    await shortener.visit(tagged["code"])
    await shortener.visit(other["code"])
    await shortener.counted(other, lambda s: s["totalClicks"] == 1)
    await shortener.counted(tagged, lambda s: s["totalClicks"] == 1)
    for query, clicks in (({}, 2), ({"tag": "may"}, 1), ({"tag": "none"}, 0), ({"domain": "go.example.com"}, 0)):
        found = (await shortener.client.get("/links/stats", params=query)).json()
        assert found["totalClicks"] == clicks, query


@pytest.mark.parametrize(
    "query",
    [
        {"tz": "Mars/Olympus"},
        {"from": "yesterday"},
        {"from": "2026-01-02", "to": "2026-01-01"},
        {"from": "1900-01-01"},
        {"to": "9999-12-31"},
        {"from": "-1"},
    ],
)
async def test_bad_questions_are_refused(shortener: Shortener, query: dict[str, str]) -> None:
    problem(await shortener.client.get("/links/stats", params=query), 400, "bad_parameter")


async def test_clicks_survive_an_outage_of_valkey_between_recording_and_counting(shortener: Shortener) -> None:
    """The same batch in the stream and in PostgreSQL, as after a lost reply, is counted once."""

    link = await shortener.link()
    runtime = shortener.platform.runtime
    redirects = runtime.shared(Redirects)
    visit = await redirects.read_visit("203.0.113.9", {b"user-agent": CHROME.encode()}, b"")
    destination = (await redirects.directory.look_up(("", link["code"]))).destination
    assert destination is not None

    batch_id: UUID = runtime.clock.new_id()
    batch = batch_id.hex.encode() + b"\n" + render_click(destination.reference, visit, 0) * 3
    await runtime.valkey.client.xadd(STREAM, {FIELD: batch})
    async with UnitOfWork(runtime) as uow:
        await spool.add(uow, batch_id, batch)
        await uow.commit()
    await runtime.valkey.client.xadd(STREAM, {FIELD: batch})
    async with asyncio.timeout(15):
        while await _spooled(shortener.platform) or await runtime.valkey.client.xlen(STREAM):
            await asyncio.sleep(0.05)
    found = await shortener.statistics(link)
    assert found["totalClicks"] == 3


async def _spooled(platform: Platform) -> int:

    async with platform.runtime.postgres.engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM links.spooled_clicks")) or 0)


async def test_rules_are_run_again_over_the_past(shortener: Shortener) -> None:
    link = await shortener.link()
    await shortener.visit(link["code"])
    await shortener.counted(link, lambda s: s["totalClicks"] == 1)
    clickhouse = shortener.platform.runtime.clickhouse
    await clickhouse.command(
        """INSERT INTO link_clicks SELECT * REPLACE ('bot' AS classification, 'an old rule' AS reason,
             version + 1 AS version) FROM link_clicks WHERE link_id = {link:UUID}""",
        {"link": link["id"]},
    )
    assert (await shortener.statistics(link))["totalClicks"] == 0
    assert (await shortener.client.post(f"/links/{link['id']}/reclassify")).status_code == 202
    await shortener.platform.jobs_done()
    assert [click["reason"] for click in await shortener.clicks(link)] == ["browser"]
    assert (await shortener.statistics(link))["totalClicks"] == 1


async def test_milestones_are_announced_once(own_platform: Platform) -> None:

    shortener = Shortener(own_platform, await own_platform.organization())
    link = await shortener.link()
    for number in range(12):
        await shortener.visit(link["code"], f"{CHROME} Variant/{number}")
    await shortener.counted(link, lambda s: s["totalClicks"] == 12)
    emitted: list[object] = []
    for _ in range(2):
        async with UnitOfWork(own_platform.runtime, system_actor(shortener.organization.id)) as uow:
            uow.emit = emitted.append  # type: ignore[method-assign]
            await announce_milestones(uow, [UUID(link["id"])])
            await uow.commit()
    assert [getattr(event, "clicks", None) for event in emitted] == [10]
