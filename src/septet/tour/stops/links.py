"""A short link is visited a thousand times: by people, by some of them twice, by crawlers and by link previews."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import httpx

from septet.tour.figures import Between
from septet.tour.journey import Tour

PEOPLE, TWICE, CRAWLERS, PREVIEWS = 800, 50, 100, 50
AT_ONCE = 32
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{0}.0.{1}.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_{0}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{1} "
    "Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:1{0}.0) Gecko/20100101 Firefox/1{0}.{1}",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{0} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{1} "
    "Mobile/15E148 Safari/604.1",
)
_CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
_PREVIEW = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
TARGET = "https://example.com/apollo"


async def follow(tour: Tour) -> None:
    """Make the link, visit it, and read its statistics."""
    link = await tour.ada.api.call("POST", "/links", {"url": TARGET, "title": "Apollo", "tags": ["tour"]})
    visits = _Visits(tour, f"/s/{link['code']}")
    await visits.all(list(_user_agents()))
    expected = Between(visits.answered, visits.sent)
    path = f"/links/{link['id']}/stats"
    counted = await tour.settled(lambda: _total(tour, path), expected)
    stats = await tour.ada.api.call("GET", path)
    console, api = f"/links/{link['id']}", f"GET {path}"
    tour.check("redirects to the target", dict(visits.targets), {TARGET: visits.answered}, console=console, api=api)
    tour.check("clicks recorded", counted, expected, console=console, api=f"{api}?bots=true")
    unanswered = visits.sent - visits.answered
    for what, found, made in (
        ("clicks by people", stats["totalClicks"], PEOPLE + TWICE),
        ("clicks by programs", stats["bots"], CRAWLERS + PREVIEWS),
    ):
        tour.check(what, found, Between(made, made + unanswered), console=console, api=api)
    estimate = Between(PEOPLE * 97 // 100, PEOPLE * 103 // 100)  # visitors are sketched, see docs/links.md
    tour.check("visitors, estimated", stats["uniqueVisitors"], estimate, console=console, api=api)


def _user_agents() -> Iterator[str]:
    for number in range(PEOPLE):
        times = 2 if number < TWICE else 1
        yield from [_BROWSERS[number % 4].format(number % 30, number)] * times
    yield from [_CRAWLER] * CRAWLERS
    yield from [_PREVIEW] * PREVIEWS


class _Visits:
    """Who was not answered comes again, and may be counted twice: between `answered` and `sent` clicks are right."""

    def __init__(self, tour: Tour, path: str) -> None:
        self.sent = self.answered = 0
        self.targets: Counter[str] = Counter()
        self._tour = tour
        self._path = path

    async def all(self, user_agents: list[str]) -> None:
        """Visit as each of these, several at once."""
        waiting = iter(user_agents)

        async def visitor() -> None:
            for user_agent in waiting:
                await self._one(user_agent)

        await asyncio.gather(*(visitor() for _ in range(AT_ONCE)))

    async def _one(self, user_agent: str) -> None:
        await self._tour.until("a redirect", lambda: self._visit(user_agent), lambda status: status == 302)

    async def _visit(self, user_agent: str) -> int:
        self.sent += 1
        try:
            answer = await self._tour.public.http.get(self._path, headers={"User-Agent": user_agent})
        except httpx.TransportError:
            return 0
        if answer.status_code == 302:
            self.answered += 1
            self.targets[answer.headers["location"]] += 1
        return answer.status_code


async def _total(tour: Tour, path: str) -> int:
    """All clicks, by whomever, repeated ones included."""
    link_id = path.split("/")[2]
    clicks = tour.ada.api.every(f"/links/{link_id}/clicks", limit=200)
    return len([click async for click in clicks])
