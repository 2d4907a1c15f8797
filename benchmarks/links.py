"""Counted redirects: links that follow a Zipf distribution, every answer's click safe in Valkey before it is sent."""

import bisect
import itertools
import random
from collections.abc import Callable, Sequence

import uvloop

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation
from benchmarks.load import Load, render_request, run

LINKS = 2_000
CONNECTIONS = 64
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PASSWORD = "plenty of correct horses"


def prepare(septet: Installation) -> Sequence[Case]:
    """One person, one organization, many links."""
    person = {"email": "links@example.com", "password": PASSWORD, "name": "Links"}
    token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
    septet.call("POST", "/organizations", {"name": "Links"}, token=token)
    codes: list[str] = []
    while len(codes) < LINKS:
        wanted = {"links": [{"url": f"https://example.com/{len(codes) + n}"} for n in range(500)]}
        status, made = septet.call("POST", "/links/bulk", wanted, token=token, seconds=60)
        assert status == 201, made
        codes += [result["link"]["code"] for result in made["results"]]
    return [
        Case(
            f"`GET /s/{{code}}`, {LINKS:,} links, counted",
            "redirects/s",
            redirects(septet, codes),
            "Kutt measured 261/s counted, on a machine like this",
        )
    ]


def redirects(septet: Installation, codes: list[str]) -> Callable[[float], Round]:
    draws = random.Random(7)  # the same requests in every run
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(codes) + 1)))
    order = [codes[bisect.bisect(weights, draws.random() * weights[-1])] for _ in range(50_000)]
    requests = [render_request("GET", f"/s/{code}", headers={"User-Agent": AGENT}) for code in order]
    turn = itertools.cycle(requests)

    def measure(seconds: float) -> Round:
        result = uvloop.run(run(Load("127.0.0.1", septet.web_port, lambda _: next(turn), CONNECTIONS, seconds)))
        if result.broken or set(result.statuses) != {302}:
            raise RuntimeError(f"expected only 302, got {result}")
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure


SUITE = Suite("Links", prepare)
