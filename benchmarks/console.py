"""The console in a real Chromium: until the first page can be used, and the log explorer over a million lines.

Every load of a page begins with an empty cache. Times are what a person waits: from the act until what it asks for is
drawn. BENCH_CONSOLE_LINES says how many lines are brought in first, over a day and through `POST /logs`.
"""

import itertools
import os
import random
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from benchmarks.browser import chromium
from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation
from benchmarks.log_lines import BATCH, json_batch
from benchmarks.logs import NDJSON, Sender
from septet.kernel.http.console import BUILT

LINES = int(os.environ.get("BENCH_CONSOLE_LINES", "1000000"))
HOURS = 22
LEAST_SAMPLES = 5
PATIENCE_MS = 60_000
DESK: ViewportSize = {"width": 1280, "height": 800}
A_LINE = "[data-lines] time"
MORE_LINES = """before => {
  const area = document.querySelector("[data-lines]"), now = Number(area.dataset.lines);
  area.scrollTop = area.scrollHeight;
  return now > before && area.querySelector("time") && now;
}"""
BEFORE = f"until => document.querySelector('{A_LINE}')?.dateTime < until"


class Bench:
    """One organization with many log lines, and somebody who looks at them."""

    def __init__(self, septet: Installation) -> None:
        self.septet = septet
        self.base = f"http://127.0.0.1:{septet.web_port}"
        person = {"email": "bench@example.com", "password": "plenty of correct horses", "name": "Bench"}
        self.token: str = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
        self.organization: str = septet.call("POST", "/organizations", {"name": "Bench"}, token=self.token)[1]["id"]

    def bring_in_lines(self) -> None:
        """Batches of every hour in turn, until all can be searched."""
        key = self.septet.call("POST", "/api-keys", {"name": "k", "scopes": ["*"]}, token=self.token)[1]["key"]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": NDJSON}
        dice, now = random.Random(1), datetime.now(UTC)
        hours = dice.sample(range(HOURS), HOURS)
        bodies = [json_batch(dice, now - timedelta(hours=hour, minutes=5)) for hour in hours]
        sender, sent, started = Sender(self.septet.web_port, "/logs", headers), 0, time.perf_counter()
        while sent < LINES:  # what a full queue refused is sent again
            batches_left = itertools.repeat(False, -(-(LINES - sent) // BATCH))
            sent += sender.send(bodies, partial(next, batches_left, True))
        while self._stored() < sent:
            time.sleep(0.2)
        print(f"{sent:,} lines brought in after {time.perf_counter() - started:.0f} s", flush=True)

    def _stored(self) -> int:
        answer = self.septet.call("GET", "/logs/histogram?step=1d", token=self.token, seconds=60)[1]
        return sum(bucket["count"] for bucket in answer["buckets"])

    @contextmanager
    def looking(self, browser: Browser) -> Iterator[Page]:
        """A page of a browser that has seen nothing yet, logged in."""
        context = browser.new_context(locale="en-US", viewport=DESK, reduced_motion="reduce")
        context.add_cookies([{"name": "septet_session", "value": self.token, "url": self.base, "httpOnly": True}])
        kept = {"septet.signed-in": "yes", "septet.organization": self.organization}
        context.add_init_script(f"Object.assign(localStorage, {kept})")
        with _page(context) as page:
            yield page

    def first_page(self, browser: Browser) -> float:
        """Until the sign-in page takes what is typed."""
        with _page(browser.new_context(locale="en-US", viewport=DESK)) as page:
            started = time.perf_counter()
            page.goto(f"{self.base}/console/")
            page.get_by_label("E-mail").fill("ada@example.com")
            return _since(started)

    def first_lines(self, browser: Browser) -> float:
        """Until the newest lines are drawn."""
        with self.looking(browser) as page:
            started = time.perf_counter()
            page.goto(f"{self.base}/console/logs")
            page.locator(A_LINE).first.wait_for()
            return _since(started)

    def brush(self, browser: Browser) -> float:
        """Until the lines of a span that was brushed in the histogram are drawn."""
        with self.looking(browser) as page:
            page.goto(f"{self.base}/console/logs")
            page.locator(A_LINE).first.wait_for()
            bars = page.get_by_role("img", name="Lines over time").bounding_box()
            assert bars
            page.mouse.move(bars["x"] + bars["width"] * 0.1, bars["y"] + 20)
            page.mouse.down()
            page.mouse.move(bars["x"] + bars["width"] * 0.8, bars["y"] + 20, steps=5)
            started = time.perf_counter()
            page.mouse.up()
            page.wait_for_url("**from=*")
            page.wait_for_function(BEFORE, arg=(datetime.now(UTC) - timedelta(hours=4)).isoformat())
            return _since(started)

    def pages(self, browser: Browser) -> Generator[float, None, None]:
        """From one page of lines to the next, scrolling as fast as they come."""
        with self.looking(browser) as page:
            page.goto(f"{self.base}/console/logs")
            page.locator(A_LINE).first.wait_for()
            loaded = 0
            while True:
                started = time.perf_counter()
                loaded = int(page.wait_for_function(MORE_LINES, arg=loaded, polling="raf").json_value())
                yield _since(started)

    def buttons(self, browser: Browser) -> float:
        """Lines in the document after twenty pages."""
        with self.looking(browser) as page:
            page.goto(f"{self.base}/console/logs")
            page.locator(A_LINE).first.wait_for()
            loaded = 0
            for _ in range(20):
                loaded = int(page.wait_for_function(MORE_LINES, arg=loaded, polling="raf").json_value())
            return float(page.locator(A_LINE).count())


@contextmanager
def _page(context: BrowserContext) -> Iterator[Page]:
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _round(samples: Callable[[Browser], Generator[float, None, None]], seconds: float) -> Round:
    """As many samples as the time allows, five at least; milliseconds."""
    with chromium() as browser, closing(samples(browser)) as measured:
        started, found = time.perf_counter(), list[float]()
        for sample in measured:
            found.append(sample)
            if len(found) >= LEAST_SAMPLES and time.perf_counter() - started > seconds:
                break
    return Round(statistics.median(found), sorted(found)[int(len(found) * 0.99)])


def _again(look: Callable[[Browser], float], browser: Browser) -> Generator[float, None, None]:
    while True:
        yield look(browser)


def prepare(septet: Installation) -> Sequence[Case]:
    assert (BUILT / "index.html").is_file(), "make console"
    bench = Bench(septet)

    def case(name: str, look: Callable[[Browser], float]) -> Case:
        return Case(name, "ms", partial(_round, partial(_again, look)))

    first = case("first page, until it takes what is typed", bench.first_page)
    bench.bring_in_lines()
    return [
        first,
        case(f"log explorer, {LINES:,} lines in a day: until the newest are drawn", bench.first_lines),
        case("the same: until a brushed span is drawn", bench.brush),
        Case("the same: the next 500 lines by scrolling", "ms", partial(_round, bench.pages)),
        Case("the same: lines in the document after 10,000 were scrolled through", "lines", lambda _: _count(bench)),
    ]


def _count(bench: Bench) -> Round:
    with chromium() as browser:
        return Round(bench.buttons(browser))


SUITE = Suite("Console", prepare)
