"""What is asked is what is answered: checked against a plain filter in Python, and at the edges by hand."""

import asyncio
import os
import random
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.platform import Organization, Platform, problem
from tests.services.logs.lines import search, send, stored

from septet.services.logs.settings import LogsSettings

WORDS = ["payment", "order", "retry", "timeout", "card", "declined", "shipped", "Łódź", "cache-miss", "42", "user_id"]
LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"]
QUERIES = int(os.environ.get("SOAK_ROUNDS", "30"))


def make_line(dice: random.Random, number: int) -> dict[str, Any]:
    return {
        "timestamp": f"2026-05-{1 + number % 3:02d}T10:{dice.randrange(60):02d}:{dice.randrange(60):02d}Z",
        "level": dice.choice(LEVELS),
        "service": dice.choice(["api", "worker", "web"]),
        "message": " ".join(dice.choices(WORDS, k=dice.randrange(1, 6))),
        "n": number,
        "tag": dice.choice(["red", "green", "Blue"]),
        "deep": {"er": dice.choice([1, 2.5, True, "x"])},
    }


def words_of(message: str) -> list[str]:
    return re.findall("[0-9a-z\u0080-\U0010ffff]+", message.lower())


def make_query(dice: random.Random) -> tuple[dict[str, Any], Any]:
    """Parameters, and the same question as a function of a line."""
    parameters: dict[str, Any] = {}
    tests = []
    if dice.random() < 0.4:
        parameters["service"] = service = dice.sample(["api", "worker", "web", "none"], dice.randrange(1, 3))
        tests.append(lambda line: line["service"] in service)
    if dice.random() < 0.3:
        parameters["minLevel"] = least = dice.choice(LEVELS)
        tests.append(lambda line: LEVELS.index(line["level"]) >= LEVELS.index(least))
    if dice.random() < 0.3:
        parameters["level"] = levels = dice.sample(LEVELS, 2)
        tests.append(lambda line: line["level"] in levels)
    if dice.random() < 0.3:
        parameters["from"] = start = f"2026-05-0{dice.randrange(1, 4)}T10:{dice.randrange(60):02d}:00Z"
        tests.append(lambda line: line["timestamp"] >= start)
    if dice.random() < 0.7:
        parameters["q"], test = dice.choice(TEXT_QUERIES)(dice)
        tests.append(test)
    if dice.random() < 0.4:
        name, condition, test = dice.choice(ATTRIBUTE_QUERIES)
        parameters[name] = condition
        tests.append(test)
    return parameters, lambda line: all(test(line) for test in tests)


def one_word(dice: random.Random) -> tuple[str, Any]:
    word = dice.choice(["PAYMENT", "order", "łódź", "cache", "42", "user", "absent"])
    return word, lambda line: word.lower() in words_of(line["message"])


def negation(dice: random.Random) -> tuple[str, Any]:
    word = dice.choice(["payment", "order", "id"])
    return f"-{word}", lambda line: word not in words_of(line["message"])


def phrase(dice: random.Random) -> tuple[str, Any]:
    first, second = dice.choice(["payment", "card", "cache"]), dice.choice(["order", "declined", "miss"])
    return f'"{first} {second}"', lambda line: f" {first} {second} " in f" {' '.join(words_of(line['message']))} "


def prefix(dice: random.Random) -> tuple[str, Any]:
    start = dice.choice(["pay", "ret", "łó", "4"])
    return f"{start}*", lambda line: any(word.startswith(start) for word in words_of(line["message"]))


def either(dice: random.Random) -> tuple[str, Any]:
    (one, is_one), (other, is_other), (third, is_third) = one_word(dice), phrase(dice), negation(dice)
    return f"({one} OR {other}) {third}", lambda line: (is_one(line) or is_other(line)) and is_third(line)


TEXT_QUERIES = [one_word, negation, phrase, prefix, either]
ATTRIBUTE_QUERIES: list[tuple[str, str, Any]] = [
    ("attr.n", ">=150", lambda line: line["n"] >= 150),
    ("attr.n", "<20", lambda line: line["n"] < 20),
    ("attr.tag", "red", lambda line: line["tag"] == "red"),
    ("attr.tag", "!red", lambda line: line["tag"] != "red"),
    ("attr.tag", "~(?i)^b", lambda line: line["tag"].lower().startswith("b")),
    ("attr.deep.er", "2.5", lambda line: line["deep"]["er"] == 2.5),
    ("attr.deep.er", "true", lambda line: line["deep"]["er"] is True),
    ("attr.none", "*", lambda line: False),
    ("attr.none", "!x", lambda line: True),
]


@pytest.mark.soak
async def test_answers_equal_a_plain_filter_while_lines_arrive(organization: Organization) -> None:
    dice = random.Random(int(os.environ.get("SOAK_SEED", "7")))
    client = organization.client
    lines = [make_line(dice, number) for number in range(300)]
    for start in range(0, 300, 50):
        await send(client, *lines[start : start + 50])
    await stored(client, 300)
    stopping = asyncio.Event()
    noise = asyncio.create_task(send_noise(client, stopping))
    try:
        for _ in range(QUERIES):
            parameters, test = make_query(dice)
            wanted = sorted(line["n"] for line in lines if test(line))
            found = await search(client, limit=1000, to="2026-05-04T00:00:00Z", **parameters)
            assert sorted(line["attributes"]["n"] for line in found) == wanted, parameters
    finally:
        stopping.set()
        await noise


async def send_noise(client: httpx.AsyncClient, stopping: asyncio.Event) -> None:
    """Lines of another time, which no query asks for."""
    while not stopping.is_set():
        await send(client, *({"timestamp": "2026-06-01T00:00:00Z", "message": "payment noise"} for _ in range(20)))
        await asyncio.wait({asyncio.create_task(stopping.wait())}, timeout=0.2)


async def test_pages_are_stable_while_lines_arrive(organization: Organization) -> None:
    client = organization.client
    await send(client, *({"timestamp": 1_780_000_000 + n // 7, "n": n} for n in range(100)))
    await stored(client, 100)
    seen: list[int] = []
    parameters: dict[str, Any] = {"limit": 9}
    while True:
        page = (await client.get("/logs", params=parameters)).json()
        seen += [line["attributes"]["n"] for line in page["data"]]
        await send(client, {"timestamp": 1_790_000_000, "n": -1})
        if page["nextCursor"] is None:
            break
        parameters["cursor"] = page["nextCursor"]
    assert seen == list(range(99, -1, -1))
    assert page["partial"] is False
    problem(await client.get("/logs", params={"cursor": "nonsense"}), 400, "bad_parameter")


async def test_matches_are_highlighted(organization: Organization) -> None:
    await send(organization.client, {"message": "Ünïcode Payment failed"})
    await stored(organization.client, 1)
    (found,) = await search(organization.client, q='payment -absent "failed"')
    assert [found["message"][start:end] for start, end in found["highlights"]] == ["Payment", "failed"]


@pytest.mark.parametrize("q", ['"open', "(a", "a)", "OR", "a OR", "--", "()", "AND b", "NOT", "("])
async def test_a_search_that_cannot_be_understood_says_where(organization: Organization, q: str) -> None:
    refused = problem(await organization.client.get("/logs", params={"q": q}), 400, "bad_search")
    assert "character" in refused["detail"]


async def test_bad_conditions_are_refused(organization: Organization) -> None:
    problem(await organization.client.get("/logs", params={"attr.x": ">abc"}), 400, "bad_search")
    problem(await organization.client.get("/logs", params={"level": "loud"}), 422, "invalid_input")
    problem(await organization.client.get("/logs/histogram", params={"step": "soon"}), 400, "bad_parameter")
    hostile = await organization.client.get(
        "/logs", params={"attr.a`) OR 1=1 --": "x", "service": "'; DROP TABLE logs"}
    )
    assert hostile.json()["data"] == []


async def test_counts_over_time_and_by_value(organization: Organization) -> None:
    client = organization.client
    await send(client, *({"timestamp": f"2026-05-01T10:{n:02d}:00Z", "level": ["info", "error"][n % 2], "service": "s",
                          "code": n % 3} for n in range(20)))  # fmt: skip
    await stored(client, 20)
    span = {"from": "2026-05-01T09:50:00Z", "to": "2026-05-01T10:20:00Z"}
    histogram = (await client.get("/logs/histogram", params={"step": "10m", **span})).json()
    assert [(bucket["at"], bucket["count"]) for bucket in histogram["buckets"]] == [
        ("2026-05-01T09:50:00Z", 0), ("2026-05-01T10:00:00Z", 10), ("2026-05-01T10:10:00Z", 10)
    ]  # fmt: skip
    assert histogram["buckets"][1]["levels"] == {"info": 5, "error": 5}
    facet = (await client.get("/logs/facets", params={"field": "code"})).json()
    assert [(value["value"], value["count"]) for value in facet["values"]] == [("0", 7), ("1", 7), ("2", 6)]
    (service,) = (await client.get("/logs/services")).json()["data"]
    assert (service["service"], service["lines"]) == ("s", 20)
    assert service["storedBytes"] > 0


SPANS = [
    {},
    {"from": "2026-05-01T10:00:00Z", "to": "2026-05-01T10:20:00Z"},
    {"from": "2026-05-01T10:00:30.5Z", "to": "2026-05-01T10:17:29.25Z"},
    {"from": "2026-05-01T10:03:10Z", "to": "2026-05-01T10:03:50Z"},
    {"from": "1969-12-31T23:00:00Z", "minLevel": "warn"},
    {"to": "2026-05-01T10:10:10Z", "service": "s1"},
    {"q": "even"},
]


@pytest.mark.parametrize("step", ["60s", "5m", "90s"])
async def test_counts_by_the_minute_equal_counts_of_lines(organization: Organization, step: str) -> None:
    client = organization.client
    lines = [
        {"timestamp": f"2026-05-01T10:{n // 4:02d}:{n % 4 * 17:02d}.5Z", "level": LEVELS[n % 6], "service": f"s{n % 2}",
         "message": ["even", "odd"][n % 2]} for n in range(80)
    ]  # fmt: skip
    lines.append({"timestamp": "1969-12-31T23:59:30Z", "level": "warn", "service": "s0", "message": "even"})
    await send(client, *lines)
    await stored(client, 81)
    for span in SPANS:
        found = await search(client, limit=1000, **span)
        histogram = (await client.get("/logs/histogram", params={**span, "step": step})).json()
        wanted: dict[tuple[int, str], int] = {}
        for line in found:
            seconds = datetime.fromisoformat(line["timestamp"]).timestamp() // histogram["stepSeconds"]
            at = int(seconds) * histogram["stepSeconds"], line["level"]
            wanted[at] = wanted.get(at, 0) + 1
        counted = {
            (int(datetime.fromisoformat(bucket["at"]).timestamp()), level): count
            for bucket in histogram["buckets"]
            for level, count in bucket["levels"].items()
        }
        assert counted == wanted, span
        facet = (await client.get("/logs/facets", params={**span, "field": "service"})).json()["values"]
        services = Counter(line["service"] for line in found)
        assert {value["value"]: value["count"] for value in facet} == services, span


async def test_the_newest_are_found_however_old(organization: Organization) -> None:
    client = organization.client
    moments = ["1970-05-01T00:00:00Z", "2019-05-01T00:00:00Z", "2026-11-01T00:00:00Z", "2200-01-01T00:00:00Z"]
    await send(client, *({"timestamp": moment, "service": "s"} for moment in moments))
    await stored(client, 4)
    newest = moments[::-1]
    assert [line["timestamp"] for line in await search(client, service="s")] == newest
    assert [line["timestamp"] for line in await search(client, service="s", limit=2)] == newest[:2]
    assert [line["timestamp"] for line in await search(client, to="2026-11-01T12:00:00Z")] == newest[1:]
    assert [line["timestamp"] for line in await search(client, **{"from": "2019-01-01T00:00:00Z"})] == newest[:3]


async def test_pages_of_a_service_end_nowhere_between_its_lines(organization: Organization) -> None:
    """Which minutes have its lines is counted first; a span begins and ends in the middle of a minute."""
    client, dice = organization.client, random.Random(5)
    moments = sorted(dice.sample(range(1_780_000_000, 1_780_000_900), 120) + dice.sample(range(1_779_900_000), 20))
    lines = [{"timestamp": moment, "service": dice.choice("aab"), "n": n} for n, moment in enumerate(moments)]
    await send(client, *lines)
    await stored(client, len(lines))
    for first, beyond in ((1_780_000_100, 1_780_000_130), (1_780_000_090, 1_780_000_810), (1, 1_780_000_455)):
        wanted = [line["n"] for line in lines if line["service"] == "a" and first <= line["timestamp"] < beyond]
        span = {
            "from": f"{datetime.fromtimestamp(first, UTC):%FT%TZ}",
            "to": f"{datetime.fromtimestamp(beyond, UTC):%FT%TZ}",
        }
        parameters, seen = {"service": "a", "limit": 3, **span}, []
        while True:
            page = (await client.get("/logs", params=parameters)).json()
            seen += [line["attributes"]["n"] for line in page["data"]]
            if page["nextCursor"] is None:
                break
            parameters["cursor"] = page["nextCursor"]
        assert seen[::-1] == wanted, span


async def test_an_answer_within_a_used_up_budget_says_so(platform: Platform, organization: Organization) -> None:
    client = organization.client
    await send(client, *({"n": n} for n in range(3000)))
    await stored(client, 1000, **{"attr.n": "<1000"})
    runtime, before = platform.runtime, platform.runtime.service_settings(LogsSettings)
    runtime._service_settings[LogsSettings] = LogsSettings(query_rows=1000)
    try:
        answer = (await client.get("/logs/histogram", params={"q": "-absent"})).json()
    finally:
        runtime._service_settings[LogsSettings] = before
    assert answer["partial"] is True
    assert "SEPTET_LOGS_QUERY_ROWS" in answer["partialReason"]


async def test_context_is_what_stands_around_a_line(organization: Organization) -> None:
    client = organization.client
    await send(client, *({"timestamp": 1_780_000_000 + n, "service": ["a", "b"][n % 2], "n": n} for n in range(20)))
    found = await stored(client, 20)
    middle = found[10]
    context = (await client.get(f"/logs/{middle['id']}/context", params={"before": 2, "after": 2})).json()
    assert [line["attributes"]["n"] for line in context["before"]] == [6, 8]
    assert context["line"]["id"] == middle["id"]
    assert [line["attributes"]["n"] for line in context["after"]] == [12, 14]


async def test_export_has_every_line(organization: Organization) -> None:
    client = organization.client
    await send(client, *({"message": f"m{n}", "n": n} for n in range(50)))
    await stored(client, 50)
    lines = (await client.get("/logs/export", params={"format": "ndjson"})).text.splitlines()
    assert len(lines) == 50
    partial = await client.get("/logs/export", params={"format": "csv", "limit": 10})
    assert (partial.headers["septet-partial"], partial.headers["septet-total"]) == ("true", "50")
    assert len(partial.text.splitlines()) == 11
    assert (await client.get("/logs/export", params={"format": "parquet"})).content[:4] == b"PAR1"


async def test_nobody_sees_another_organizations_lines(organization: Organization, stranger: Organization) -> None:
    await send(organization.client, {"message": "ours", "secret": 1})
    (ours,) = await stored(organization.client, 1)
    await send(stranger.client, {"message": "theirs"})
    await stored(stranger.client, 1)
    assert [line["message"] for line in await search(stranger.client)] == ["theirs"]
    assert await search(stranger.client, q="ours") == []
    problem(await stranger.client.get(f"/logs/{ours['id']}/context"), 404, "line_not_found")
    assert (await stranger.client.get("/logs/facets", params={"field": "secret"})).json()["values"] == []
    assert "ours" not in (await stranger.client.get("/logs/export")).text
    assert (await stranger.client.get("/logs/histogram")).json()["total"] == 1
    loki = await stranger.client.get("/loki/api/v1/query_range", params={"query": "{}"})
    assert "ours" not in loki.text
    assert "theirs" in loki.text
