"""What visitors get: targets, passwords, limits, pages; and how guessing is slowed down."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from tests.name_server import NameServer
from tests.platform import Organization, Platform, problem, running_platform
from tests.services.links.conftest import CHROME, IPHONE, Shortener

ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36"
)


@pytest.fixture
def own_shortener(own_platform: Platform) -> "OwnShortener":
    return OwnShortener(own_platform)


class OwnShortener:
    """A shortener on a platform whose clock may be moved; made on first use."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def open(self) -> Shortener:
        return Shortener(self.platform, await self.platform.organization())


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_status_is_the_links_choice(shortener: Shortener, status: int) -> None:
    link = await shortener.link(redirectStatus=status)
    assert (await shortener.visit(link["code"])).status_code == status


async def test_unknown_code_is_a_problem_for_programs_and_a_page_for_browsers(shortener: Shortener) -> None:
    problem(await shortener.visit("nobody-has-this"), 404, "link_not_found")
    page = await shortener.visit("nobody-has-this", accept="text/html,*/*")
    assert page.status_code == 404 and page.headers["content-type"].startswith("text/html")
    link = await shortener.link(alias=f"was-unknown-{shortener.organization.id.hex[-8:]}")
    assert (await shortener.visit(link["code"])).status_code == 302


async def test_unknown_code_that_is_taken_later_works_at_once(shortener: Shortener) -> None:
    alias = f"later-{shortener.organization.id.hex[-8:]}"
    problem(await shortener.visit(alias), 404, "link_not_found")
    await shortener.link(alias=alias)
    assert (await shortener.visit(alias)).status_code == 302


async def test_click_limit_is_exact_under_concurrency(shortener: Shortener) -> None:
    link = await shortener.link(maxClicks=100)
    visitor = shortener.platform.client()
    answers = await asyncio.gather(*(visitor.get(f"/s/{link['code']}") for _ in range(1000)))
    assert Counter(answer.status_code for answer in answers) == {302: 100, 410: 900}
    problem(await shortener.visit(link["code"]), 410, "link_gone")
    assert (await shortener.counted(link, lambda s: s["bots"] >= 100))["bots"] == 100
    await shortener.client.patch(f"/links/{link['id']}", json={"fallbackUrl": "https://example.com/over"})
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/over"
    await shortener.client.patch(f"/links/{link['id']}", json={"maxClicks": 101})
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/page"


async def test_start_and_end(own_shortener: OwnShortener) -> None:
    shortener = await own_shortener.open()
    now = shortener.platform.runtime.clock.now()
    link = await shortener.link(
        startsAt=(now + timedelta(hours=1)).isoformat(), expiresAt=(now + timedelta(hours=2)).isoformat()
    )
    problem(await shortener.visit(link["code"]), 404, "link_not_found")
    await shortener.platform.advance(3601)
    assert (await shortener.visit(link["code"])).status_code == 302
    await shortener.platform.advance(3600)
    problem(await shortener.visit(link["code"]), 410, "link_gone")
    await shortener.client.patch(f"/links/{link['id']}", json={"fallbackUrl": "https://example.com/later"})
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/later"
    await shortener.client.patch(f"/links/{link['id']}", json={"expiresAt": None})
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/page"


async def test_password(shortener: Shortener) -> None:
    link = await shortener.link(password="open sesame", title="<b>Plans</b>")
    assert link["hasPassword"] and "password" not in link
    form = await shortener.visit(link["code"])
    assert form.status_code == 200 and 'type="password"' in form.text and "<b>Plans" not in form.text
    path, visitor = f"/s/{link['code']}", shortener.platform.client()
    wrong = await visitor.post(path, data={"password": "guess"}, headers={"User-Agent": CHROME})
    assert wrong.status_code == 401 and "does not fit" in wrong.text
    right = await visitor.post(path, data={"password": "open sesame"}, headers={"User-Agent": CHROME})
    assert (right.status_code, right.headers["location"]) == (302, "https://example.com/page")
    assert (await shortener.counted(link, lambda s: s["totalClicks"] >= 1))["totalClicks"] == 1
    attempts = [(await visitor.post(path, data={"password": "guess"})).status_code for _ in range(12)]
    assert attempts[:2] == [401, 401] and attempts[-1] == 429
    problem(await visitor.post(path, data={"password": "open sesame"}), 429, "too_many_attempts")
    await shortener.client.patch(f"/links/{link['id']}", json={"password": None})
    assert (await shortener.visit(link["code"])).status_code == 302


async def test_targets_by_device_system_country_and_language(shortener: Shortener) -> None:
    targets = [
        {"url": "https://example.com/ios", "os": "ios"},
        {"url": "https://example.com/mobile-de", "device": "mobile", "country": "DE"},
        {"url": "https://example.com/pl", "language": "pl"},
    ]
    link = await shortener.link(targets=targets)

    async def leads(agent: str, **headers: str) -> str:
        return str((await shortener.visit(link["code"], agent, **headers)).headers["location"]).rpartition("/")[2]

    assert await leads(IPHONE) == "ios"
    assert await leads(ANDROID, cf_ipcountry="de") == "mobile-de"
    assert await leads(ANDROID, cf_ipcountry="FR") == "page"
    assert await leads(CHROME, accept_language="pl-PL,pl;q=0.9,en;q=0.8") == "pl"
    assert await leads(CHROME, cf_ipcountry="DE", accept_language="en") == "page"
    found = await shortener.counted(link, lambda s: s["totalClicks"] == 5)
    assert {share["value"]: share["clicks"] for share in found["variants"]} == {"0": 2, "1": 1, "2": 1, "3": 1}


async def test_split_is_as_weighted_and_each_visitor_stays_on_a_side(shortener: Shortener) -> None:
    split: list[dict[str, Any]] = [{"url": "https://example.com/b", "weight": 30}]
    link = await shortener.link("https://example.com/a", targets=split)
    visitors = [f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{number}.0" for number in range(300)]
    answers = await asyncio.gather(*(shortener.visit(link["code"], agent) for agent in visitors))
    share = sum(answer.headers["location"].endswith("/b") for answer in answers) / len(answers)
    assert 0.18 < share < 0.42
    again = await asyncio.gather(*(shortener.visit(link["code"], agent) for agent in visitors[:50]))
    assert [a.headers["location"] for a in again] == [a.headers["location"] for a in answers[:50]]


async def test_utm_parameters_and_forwarded_queries(shortener: Shortener) -> None:
    utm = {"source": "news letter", "campaign": "spring"}
    link = await shortener.link("https://example.com/?a=1&utm_source=own#top", utm=utm, forwardQuery=True)
    plain = (await shortener.visit(link["code"])).headers["location"]
    assert plain == "https://example.com/?a=1&utm_source=own&utm_campaign=spring#top"
    assert (await shortener.visit(f"{link['code']}?b=2")).headers["location"] == plain.replace("#", "&b=2#")


async def test_preview_shows_where_a_link_leads_and_is_no_click(shortener: Shortener) -> None:
    link = await shortener.link("https://example.com/<script>", title="A & B")
    page = await shortener.visit(f"{link['code']}+")
    assert page.status_code == 200 and "https://example.com/%3Cscript%3E" in page.text and "A &amp; B" in page.text
    await shortener.visit(link["code"])
    assert (await shortener.counted(link, lambda s: s["totalClicks"] >= 1))["totalClicks"] == 1
    locked = await shortener.link("https://example.com/hidden", password="x")
    assert "example.com/hidden" not in (await shortener.visit(f"{locked['code']}+")).text


async def test_disabled_link_tells_why(shortener: Shortener) -> None:
    link = await shortener.link(fallbackUrl="https://example.com/else")
    await shortener.visit(link["code"])
    await shortener.client.post(f"/links/{link['id']}/disable", json={"reason": "It was phishing."})
    assert "It was phishing." in problem(await shortener.visit(link["code"]), 410, "link_gone")["detail"]
    await shortener.client.post(f"/links/{link['id']}/enable")
    assert (await shortener.visit(link["code"])).status_code == 302


async def test_anybody_may_report_a_link(shortener: Shortener) -> None:
    link = await shortener.link()
    visitor = shortener.platform.client()
    report = {"reason": "phishing", "details": "It asks for my card."}
    assert (await visitor.post(f"/links/{link['id']}/report", json=report)).status_code == 201
    told = (await shortener.client.get(f"/links/{link['id']}/reports")).json()["data"]
    assert [(each["reason"], each["details"]) for each in told] == [("phishing", "It asks for my card.")]
    problem(await visitor.post(f"/links/{shortener.organization.id}/report", json=report), 404, "link_not_found")


async def test_reports_of_one_address_are_limited(own_shortener: OwnShortener) -> None:
    shortener = await own_shortener.open()
    link = await shortener.link()
    visitor, report = shortener.platform.client(), {"reason": "spam"}
    answers = [await visitor.post(f"/links/{link['id']}/report", json=report) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert problem(answers[-1], 429, "too_many_reports") and answers[-1].headers["retry-after"] == "3600"


async def test_blocked_domains(own_platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """No new link leads there, and old ones stop once an operator has blocked the domain."""
    shortener = Shortener(own_platform, await own_platform.organization())
    old = await shortener.link("https://shop.evil.example/page", fallbackUrl="https://example.com/else")
    assert (await shortener.visit(old["code"])).status_code == 302
    monkeypatch.setenv("SEPTET_LINKS_BLOCKED_DOMAINS", "evil.example,bad.example")
    async with running_platform(own_platform.runtime.settings) as restarted:
        gone = await Shortener(restarted, shortener.organization).visit(old["code"])
        assert "blocked" in problem(gone, 410, "link_gone")["detail"]
        owner = restarted.client(shortener.organization.owner.token, shortener.organization.id)
        for url in ("https://evil.example/", "https://a.b.bad.example/"):
            problem(await owner.post("/links", json={"url": url}), 422, "unsafe_target")
        assert (await owner.post("/links", json={"url": "https://notevil.example/"})).status_code == 201


async def test_guessing_is_slowed_down_by_address(own_shortener: OwnShortener) -> None:
    shortener = await own_shortener.open()
    link = await shortener.link()
    answers = [(await shortener.visit(f"guess{number}")).status_code for number in range(125)]
    assert answers[:120] == [404] * 120 and answers[120:] == [429] * 5
    assert (await shortener.visit(link["code"])).status_code == 302


async def test_custom_domain(dns_server: NameServer, own_shortener: OwnShortener) -> None:
    shortener = await own_shortener.open()
    stranger = await shortener.platform.organization("Stranger")
    claim = await shortener.client.post("/links/domains", json={"host": "Go.Example.com"})
    assert claim.status_code == 201 and claim.json()["status"] == "pending"
    again = [shortener.client.post("/links/domains", json={"host": host}) for host in ("new.example.com",) * 4]
    assert len({answer.json()["id"] for answer in await asyncio.gather(*again)}) == 1
    theirs = (await stranger.client.post("/links/domains", json={"host": "go.example.com"})).json()
    path = f"/links/domains/{claim.json()['id']}"
    problem(await shortener.client.post(f"{path}/verify"), 409, "domain_unverified")
    body = {"url": "https://example.com/x", "alias": "x", "domain": "go.example.com"}
    problem(await shortener.client.post("/links", json=body), 409, "domain_unverified")
    dns_server.records[claim.json()["txtName"]].append(claim.json()["txtValue"])
    assert (await shortener.client.post(f"{path}/verify")).json()["status"] == "verified"
    dns_server.records[theirs["txtName"]].append(theirs["txtValue"])
    problem(await stranger.client.post(f"/links/domains/{theirs['id']}/verify"), 409, "domain_taken")
    problem(await stranger.client.post("/links", json=body), 409, "domain_unverified")
    link = (await shortener.client.post("/links", json=body)).json()
    assert link["shortUrl"] == "https://go.example.com/x"
    visitor = shortener.platform.client()
    answer = await visitor.get("/x", headers={"Host": "go.example.com"})
    assert answer.headers["location"] == "https://example.com/x"
    assert (await visitor.get("/x")).status_code == 404
    assert (await visitor.get("/s/x")).status_code == 404
    problem(await stranger.client.post("/links", json={"url": "https://go.example.com/x"}), 422, "unsafe_target")
    problem(await shortener.client.delete(path), 409, "domain_in_use")
    mine = (await stranger.client.get("/links/domains")).json()["data"]
    assert [each["id"] for each in mine] == [theirs["id"]]
    problem(await stranger.client.delete(path), 404, "domain_not_found")
    assert (await stranger.client.delete(f"/links/domains/{theirs['id']}")).status_code == 204
    assert (await stranger.client.get("/links/domains")).json()["data"] == []
    assert (await visitor.get("/x", headers={"Host": "go.example.com"})).status_code == 302


async def test_edits_reach_a_second_process(own_platform: Platform) -> None:
    """Another runtime on the same engines, as a second web process is."""
    organization: Organization = await own_platform.organization()
    shortener = Shortener(own_platform, organization)
    async with running_platform(own_platform.runtime.settings) as second:
        elsewhere = Shortener(second, organization)
        link = await shortener.link()
        assert (await elsewhere.visit(link["code"])).headers["location"] == "https://example.com/page"
        for number in range(20):
            await shortener.client.patch(f"/links/{link['id']}", json={"url": f"https://example.com/{number}"})
            async with asyncio.timeout(1):
                while (await elsewhere.visit(link["code"])).headers["location"] != f"https://example.com/{number}":
                    await asyncio.sleep(0)
        await shortener.client.delete(f"/links/{link['id']}")
        async with asyncio.timeout(1):
            while (await elsewhere.visit(link["code"])).status_code != 404:
                await asyncio.sleep(0)
