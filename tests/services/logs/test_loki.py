"""Loki's reading side: the common subset of LogQL, in Loki's shapes."""

from typing import Any

import httpx
import pytest
from tests.platform import Organization, problem
from tests.services.logs.lines import send, stored

START = 1_780_000_000
SPAN = {"start": str(START), "end": str(START + 60)}


@pytest.fixture
async def client(organization: Organization, stranger: Organization) -> httpx.AsyncClient:
    """Twelve lines, one every five seconds, beside those of somebody else."""
    lines = [
        {
            "timestamp": START + 5 * n,
            "service": ["api", "web"][n % 2],
            "level": ["info", "warn", "error"][n % 3],
            "message": f"order {n} " + ["shipped", "declined"][n % 2],
            "status": 200 + n,
        }
        for n in range(12)
    ]
    await send(organization.client, *lines)
    await send(stranger.client, {"timestamp": START, "service": "theirs", "message": "order 0 theirs", "secret": 1})
    await stored(organization.client, 12)
    await stored(stranger.client, 1)
    return organization.client


async def ask(client: httpx.AsyncClient, query: str, **parameters: Any) -> Any:
    answer = await client.get("/loki/api/v1/query_range", params={"query": query, **SPAN, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


LINES = [
    ("{}", set(range(12))),
    ('{service_name="api"}', {0, 2, 4, 6, 8, 10}),
    ('{service_name=~"a.*", level!="info"}', {2, 4, 8, 10}),
    ('{service="web"} |= "declined"', {1, 3, 5, 7, 9, 11}),
    ('{} != "shipped" !~ "order [0-5] "', {7, 9, 11}),
    ('{} |~ "order 1\\\\d"', {10, 11}),
    ("{} | json | status >= 209", {9, 10, 11}),
    ('{} | logfmt | status = 203 | level="info"', {3}),
    ('{} | secret != ""', set()),
]


@pytest.mark.parametrize(("query", "wanted"), LINES)
async def test_lines_by_logql(client: httpx.AsyncClient, query: str, wanted: set[int]) -> None:
    data = await ask(client, query)
    assert data["resultType"] == "streams"
    moments = [int(value[0]) for stream in data["result"] for value in stream["values"]]
    assert {(moment // 10**9 - START) // 5 for moment in moments} == wanted
    assert all(set(stream["stream"]) <= {"service_name", "level", "host"} for stream in data["result"])


async def test_newest_lines_come_first_unless_asked_otherwise(client: httpx.AsyncClient) -> None:
    for direction, wanted in (("backward", [55, 45]), ("forward", [5, 15])):
        data = await ask(client, '{service_name="web"}', direction=direction, limit=2)
        moments = [int(value[0]) // 10**9 - START for stream in data["result"] for value in stream["values"]]
        assert sorted(moments, reverse=direction == "backward") == wanted


async def test_counts_over_time(client: httpx.AsyncClient) -> None:
    data = await ask(client, "sum(count_over_time({}[30s]))", step="30")
    assert data["resultType"] == "matrix"
    assert data["result"] == [{"metric": {}, "values": [[START, "1"], [START + 30, "6"], [START + 60, "5"]]}]
    data = await ask(client, 'sum by (level) (rate({service_name="api"}[60s]))', step="60s")
    assert {series["metric"]["level"]: series["values"][-1] for series in data["result"]} == {
        level: [START + 60, str(2 / 60 if level != "info" else 1 / 60)] for level in ("info", "warn", "error")
    }


async def test_labels_and_their_values_are_ones_own(client: httpx.AsyncClient) -> None:
    labels = (await client.get("/loki/api/v1/labels", params=SPAN)).json()["data"]
    assert {"service_name", "level", "status"} <= set(labels)
    assert "secret" not in labels
    values = (await client.get("/loki/api/v1/label/service_name/values", params=SPAN)).json()
    assert values == {"status": "success", "data": ["api", "web"]}
    assert (await client.get("/loki/api/v1/label/secret/values", params=SPAN)).json()["data"] == []


@pytest.mark.parametrize(
    "query", ["{", '{a="b"} | unpack', "topk(3, rate({}[5m]))", '{a~"b"}', "sum({})", "rate({}[5])"]
)
async def test_what_is_beyond_the_subset_is_refused(organization: Organization, query: str) -> None:
    problem(
        await organization.client.get("/loki/api/v1/query_range", params={"query": query, **SPAN}), 400, "bad_search"
    )
