"""Ten thousand log lines are sent as text, stored, counted by level and status, and searched."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from septet.tour import lines as tour_lines
from septet.tour.journey import Tour

SERVICE = "tour-web"
LINES_A_REQUEST = 1000
CONSOLE = "/logs"


async def send_and_search(tour: Tour) -> None:
    """What was accepted must be there, counted as it was sent; and a needle must be found in it."""
    starts = range(0, len(tour.lines), LINES_A_REQUEST)
    answers = [await _send(tour, tour.lines[start : start + LINES_A_REQUEST]) for start in starts]
    accepted = sum(answer["accepted"] for answer in answers)
    tour.check("log lines accepted", accepted, len(tour.lines), console=CONSOLE, api="POST /logs")
    stored = await tour.settled(lambda: _count(tour), len(tour.lines))
    tour.check("log lines stored", stored, len(tour.lines), console=CONSOLE, api="GET /logs/histogram")
    by_status = tour_lines.statuses(tour.lines)
    if by_status:
        await _check_what_was_derived(tour, by_status)
    await _send(tour, [f"needle {tour.name}"], service="tour-needle")
    found = await tour.settled(lambda: _found(tour, q=tour.name), [f"needle {tour.name}"])
    tour.check("lines that a search finds", found, [f"needle {tour.name}"], console=CONSOLE, api="GET /logs?q=…")


async def _send(tour: Tour, part: Sequence[str], service: str = SERVICE) -> Any:
    answer = await tour.ada.api.request(
        "POST",
        "/logs",
        content="\n".join(part).encode(),
        query={"service": service},
        headers={"Content-Type": "text/plain"},
    )
    return answer.json()


async def _count(tour: Tour) -> int:
    found = await tour.ada.api.call("GET", "/logs/histogram", service=SERVICE, step="1d")
    return int(found["total"])


async def _check_what_was_derived(tour: Tour, by_status: Counter[str]) -> None:
    """Access logs say what became of each request: every status and level must be counted as it was sent."""
    found = await tour.ada.api.call("GET", "/logs/histogram", service=SERVICE, step="1d")
    by_level: Counter[str] = Counter()
    for bucket in found["buckets"]:
        by_level.update(bucket["levels"])
    expected = tour_lines.levels(by_status)
    tour.check("lines by level", +by_level, expected, console=CONSOLE, api="GET /logs/histogram")
    facet = await tour.ada.api.call("GET", "/logs/facets", service=SERVICE, field="status", limit=100)
    counted = Counter({str(value["value"]): value["count"] for value in facet["values"]})
    tour.check("lines by HTTP status", counted, by_status, console=CONSOLE, api="GET /logs/facets?field=status")
    failures = await _found(tour, **{"service": SERVICE, "attr.status": ">=500"})
    told = sum(count for status, count in by_status.items() if status >= "500")
    tour.check(
        "lines with a status of 500 or more", len(failures), told, console=CONSOLE, api="GET /logs?attr.status=>=500"
    )


async def _found(tour: Tour, **query: str) -> list[str]:
    return [line["raw"] async for line in tour.ada.api.every("/logs", limit=200, **query)]
