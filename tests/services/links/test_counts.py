"""Hours that are added up say what their clicks one by one say, also when clicks come late or verdicts change."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.platform import Platform, problem
from tests.services.links.conftest import CHROME, IPHONE, Shortener

from septet.kernel.errors import EngineUnavailable
from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.hours import add_up_hours
from septet.services.links.clicks import Classifier, encoded
from septet.services.links.records import RawClick
from septet.services.links.store import clicks, counts, hours

FIRST = datetime(2026, 3, 27, 22, tzinfo=UTC)  # days before Europe's clocks change
HOURS = 60
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham")
REFERRERS = (b"", b"https://news.example/a", b"https://t.example/b")


@pytest.fixture
async def clicked(shortener: Shortener) -> "Clicked":
    return Clicked(shortener, [await shortener.link() for _ in range(3)])


class Clicked:
    """Three links of an organization, the first of them busy, with clicks in past hours."""

    def __init__(self, shortener: Shortener, links: list[dict[str, Any]]) -> None:
        self.shortener, self.links = shortener, links
        self._random = random.Random(5)
        self._classifier = Classifier(10)

    async def add(self, number: int, *, link: int | None = None, at: datetime | None = None) -> None:
        """Clicks at random times, or around one; half of them on the busy link, unless one is named."""
        rows = [self._row(link, at) for _ in range(number)]
        await clicks.add_encoded(self.shortener.platform.runtime.clickhouse, b"".join(rows), str(self._random.random()))

    def _row(self, link: int | None, at: datetime | None) -> bytes:
        draw = self._random
        target = self.links[draw.choice((0, 0, 1, 2)) if link is None else link]
        moment = at or FIRST + timedelta(seconds=draw.random() * HOURS * 3600)
        agent = draw.choice((CHROME, IPHONE, "Twitterbot/1.0")).encode()
        headers = (agent, draw.choice(REFERRERS), b"de", b"AT", b"utm_campaign=may", b"1")
        reference = self.shortener.organization.id.hex.encode() + UUID(target["id"]).hex.encode()
        visitor, variant = draw.randrange(1, 50), draw.randrange(2)
        milliseconds = int(moment.timestamp() * 1000) + draw.randrange(1000)
        new_id = self.shortener.platform.runtime.clock.new_id().int
        raw = RawClick(new_id, reference, b"", milliseconds, visitor, variant, b"\0".join(headers))
        return encoded(self._classifier.judged(raw), 1)

    async def add_up(self) -> None:
        async with UnitOfWork(self.shortener.platform.runtime, system_actor(None)) as uow:
            await add_up_hours(uow)

    async def statistics(self, link: int | None = None, **query: Any) -> dict[str, Any]:
        of = "" if link is None else f"/{self.links[link]['id']}"
        range_ = {"from": "2026-03-27T22:17:00Z", "to": "2026-03-30T07:43:12Z"}
        answer = await self.shortener.client.get(f"/links{of}/stats", params=range_ | query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def in_the_list(self) -> list[int | None]:
        """The clicks that the list tells of each link."""
        answer = await self.shortener.client.get("/links", params={"clicks": True})
        assert answer.status_code == 200, answer.text
        told = {link["id"]: link["clicks"] for link in answer.json()["data"]}
        return [told[link["id"]] for link in self.links]

    async def whole_hours(self, link: int | None = None) -> int:
        """How many hours are not counted click by click."""
        since, until = (int((FIRST + timedelta(hours=n)).timestamp()) * 1000 for n in (0, HOURS))
        links = None if link is None else [UUID(self.links[link]["id"])]
        within = clicks.Range(self.shortener.organization.id, since, until, links)
        torn = await counts.torn_hours(self.shortener.platform.runtime.clickhouse, within)
        assert torn is not None
        return HOURS - len(torn)


async def test_added_up_hours_say_what_their_clicks_say(clicked: Clicked) -> None:
    await clicked.add(2000)
    await clicked.add(300, link=0, at=FIRST + timedelta(hours=7, minutes=10))
    questions: list[dict[str, Any]] = [
        {"link": link, "tz": zone, "bots": bots} for link in (None, 0, 1) for zone in ZONES for bots in (True, False)
    ]
    questions += [{"tz": zone, "from": "2026-02-01"} for zone in ZONES]  # too long for hours: only midnights cut
    before = [await clicked.statistics(**each) for each in questions]
    assert await clicked.whole_hours() == 0
    await clicked.add_up()
    assert await clicked.whole_hours() == HOURS
    assert await clicked.whole_hours(0) == 1, "only busy hours of a link are added up by themselves"
    assert [await clicked.statistics(**each) for each in questions] == before
    assert before[0]["totalClicks"] > 1500
    assert sum(day["clicks"] for day in before[0]["perDay"]) == before[0]["totalClicks"]
    assert sum(hour["clicks"] for hour in before[0]["perHour"]) == before[0]["totalClicks"]


async def test_late_clicks_and_new_verdicts_are_counted_at_once(clicked: Clicked) -> None:
    await clicked.add(500)
    await clicked.add_up()
    before = await clicked.statistics(bots=True)
    await clicked.add(7, at=FIRST + timedelta(hours=30, minutes=5))
    assert await clicked.whole_hours() == HOURS - 1
    assert (await clicked.statistics(bots=True))["totalClicks"] == before["totalClicks"] + 7
    await clicked.shortener.platform.runtime.clickhouse.command(
        """INSERT INTO link_clicks SELECT * REPLACE ('bot' AS classification, version + 1 AS version)
           FROM link_clicks WHERE tenant_id = {tenant:UUID}""",
        {"tenant": clicked.shortener.organization.id},
    )
    assert (await clicked.statistics())["totalClicks"] == 0
    await clicked.add_up()
    assert await clicked.whole_hours() == HOURS
    assert (await clicked.statistics())["totalClicks"] == 0
    assert (await clicked.statistics(bots=True))["totalClicks"] == before["totalClicks"] + 7


async def test_clicks_that_arrive_while_an_hour_is_added_up_tear_it_again(clicked: Clicked) -> None:
    clickhouse = clicked.shortener.platform.runtime.clickhouse
    await clicked.add_up()
    await clicked.add(50, at=FIRST)
    torn = await hours.torn(clickhouse, int(FIRST.timestamp()) + 3600, 10)
    await clicked.add(1, at=FIRST)
    await hours.add_up(clickhouse, torn)
    assert await clicked.whole_hours() == HOURS - 1
    found = await clicked.statistics(bots=True, **{"from": FIRST.isoformat()})
    assert found["totalClicks"] == 51


@pytest.mark.parametrize("byte", [0x09, 0x0A, 0x0C, 0x0D, 0x20])
async def test_a_first_byte_that_is_a_blank_is_data(platform: Platform, byte: int) -> None:
    """ClickHouse skips blanks after the name of a format, and rows begin with the tenant's id, backwards."""
    tenant = UUID(int=platform.runtime.clock.new_id().int & ~(0xFF << 64) | byte << 64)
    reference = tenant.hex.encode() * 2
    raw = RawClick(platform.runtime.clock.new_id().int, reference, b"", 1_700_000_000_000, 1, 0, b"\0\0\0\0\0" + b"1")
    await clicks.add_encoded(platform.runtime.clickhouse, encoded(Classifier(10).judged(raw), 1), str(tenant))
    rows = await platform.runtime.clickhouse.query(
        "SELECT link_id FROM link_clicks WHERE tenant_id = {tenant:UUID}", {"tenant": tenant}
    )
    assert [row["link_id"] for row in rows] == [tenant]


async def test_the_list_tells_what_the_statistics_of_each_link_tell(clicked: Clicked) -> None:
    now = clicked.shortener.platform.runtime.clock.now()
    first = (now - timedelta(days=3)).replace(minute=0)
    plain = (await clicked.shortener.client.get("/links")).json()["data"]
    assert [link["clicks"] for link in plain] == [None, None, None], "who does not ask is told nothing"
    assert await clicked.in_the_list() == [0, 0, 0]
    await clicked.add(300, link=0, at=first)
    await clicked.add(40, link=1, at=first)
    await clicked.add(20, link=2, at=now - timedelta(days=40))
    before = await clicked.in_the_list()
    await clicked.add_up()
    assert await clicked.in_the_list() == before
    await clicked.add(30, link=1, at=first)  # tears an hour that was whole
    await clicked.add(25, link=2, at=now - timedelta(hours=2))
    of_each = [await clicked.statistics(link, **{"from": "", "to": ""}) for link in range(3)]
    told = [each["totalClicks"] for each in of_each]
    assert await clicked.in_the_list() == told
    assert (told[0], told[1] > before[1]) == (before[0], True)
    await clicked.add_up()
    assert await clicked.in_the_list() == told


async def test_clicks_of_a_list_are_those_of_its_organization(clicked: Clicked) -> None:
    """Sums and clicks are found by the organization too, not by the links alone."""
    hour = clicked.shortener.platform.runtime.clock.now().replace(minute=0) - timedelta(hours=3)
    await clicked.add(10, link=0, at=hour)
    await clicked.add_up()
    await clicked.add(10, link=1, at=hour + timedelta(hours=1))
    before = await clicked.in_the_list()
    clickhouse = clicked.shortener.platform.runtime.clickhouse
    foreign = clicked.shortener.platform.runtime.clock.new_id()
    for table in ("link_clicks", "link_hours"):
        await clickhouse.command(
            f"""INSERT INTO {table} SELECT * REPLACE ({{foreign:UUID}} AS tenant_id)
                FROM (SELECT * FROM {table} FINAL WHERE tenant_id = {{tenant:UUID}})""",
            {"tenant": clicked.shortener.organization.id, "foreign": foreign},
        )
    assert await clicked.in_the_list() == before


async def test_a_list_without_clickhouse_tells_no_clicks(clicked: Clicked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> None:
        raise EngineUnavailable("ClickHouse")

    await clicked.add(5, link=0)
    with monkeypatch.context() as patch:
        patch.setattr(clicked.shortener.platform.runtime.clickhouse, "query", away)
        assert await clicked.in_the_list() == [None, None, None]
    problem(await clicked.shortener.client.get("/links", params={"clicks": "perhaps"}), 422, "invalid_input")
