"""Statistics over fifty million clicks of a year, which ClickHouse makes up here; whole hours are added up as the
worker does it every five minutes. BENCH_LINKS_CLICKS says how many clicks there are.
"""

import asyncio
import os
import time
from collections.abc import Sequence

from benchmarks.cases import Case, Suite, http_round
from benchmarks.installation import Installation
from septet.kernel.clickhouse import ClickHouse
from septet.services.links.store import hours
from septet.supervisor.directory import Running

CLICKS = int(os.environ.get("BENCH_LINKS_CLICKS", "50000000"))
LINKS = 100_000
MONTHS = range(1, 13)
HOURS_AT_ONCE = 240
GENERATED = """
INSERT INTO link_clicks
SELECT toUUID({tenant:String}), if(rank = 1, toUUID({link:String}), toUUID(concat(
    '018f0000-0000-7000-8000-', leftPad(lower(hex(rank)), 12, '0')))),
  toDateTime64({first:String}, 3, 'UTC') + toIntervalMillisecond(intDiv(number * 28 * 86400000, {clicks:UInt64})),
  generateUUIDv7(number), if(program, 'bot', 'human'), if(program, 'listed program: Googlebot', 'browser'),
  cityHash64(rand(3) % 20000, intDiv(number * 28, {clicks:UInt64})), '',
  ['', 'news.example', 't.co', 'mail.example'][1 + rand(4) % 4],
  ['Chrome', 'Firefox', 'Safari', 'Edge', 'Mobile Safari'][1 + rand(5) % 5],
  ['Windows', 'iOS', 'Android', 'Linux'][1 + rand(6) % 4], ['desktop', 'mobile'][1 + rand(7) % 2],
  ['de', 'en', 'fr'][1 + rand(8) % 3], ['DE', 'US', 'FR', 'AT', 'GB', 'PL', 'ES', 'IT'][1 + rand(9) % 8],
  '', '', '', 0, 'Mozilla/5.0 (X11; Linux x86_64)', 1
FROM (SELECT number, toUInt32(exp(randCanonical(1) * log({links:UInt32}))) AS rank, rand(2) % 10 = 0 AS program
      FROM numbers({clicks:UInt64}))
"""


def prepare(septet: Installation) -> Sequence[Case]:
    """One organization; its most popular link has a twelfth of all clicks."""
    person = {"email": "statistics@example.com", "password": "plenty of correct horses", "name": "Statistics"}
    token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
    tenant = septet.call("POST", "/organizations", {"name": "Statistics"}, token=token)[1]["id"]
    link = septet.call("POST", "/links", {"url": "https://example.com/"}, token=token)[1]["id"]
    running = Running.find(septet.data_dir)
    assert running
    asyncio.run(_make_clicks(running.engines.clickhouse, tenant, link))
    year = "from=2025-01-01&to=2025-12-31&tz=Europe/Berlin"
    month = "from=2025-06-01&to=2025-06-28&tz=Europe/Berlin"

    def case(what: str, path: str) -> Case:
        return Case(what, "answers/s", http_round(septet, "GET", path, token=token, connections=1))

    return [
        case(f"a year per day, all links: {CLICKS:,} clicks", f"/links/stats?{year}"),
        case(f"a year per day, one link: about {CLICKS // 18:,} clicks", f"/links/{link}/stats?{year}"),
        case("a month per day and hour, all links", f"/links/stats?{month}"),
    ]


async def _make_clicks(url: str, tenant: str, link: str) -> None:
    clickhouse = ClickHouse(url, timeout=120)
    started = time.perf_counter()
    for month in MONTHS:
        values = {"tenant": tenant, "link": link, "first": f"2025-{month:02d}-01 00:00:00"}
        await clickhouse.command(GENERATED, values | {"clicks": CLICKS // 12, "links": LINKS})
    made = time.perf_counter()
    while torn := await hours.torn(clickhouse, 2**32 - 3600, HOURS_AT_ONCE):
        await hours.add_up(clickhouse, torn)
    print(
        f"{CLICKS:,} clicks made in {made - started:.0f} s, added up in {time.perf_counter() - made:.0f} s", flush=True
    )
    await clickhouse.close()


SUITE = Suite("Link statistics", prepare, {"web_processes": 1})
