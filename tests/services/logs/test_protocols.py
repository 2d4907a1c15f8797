"""Other people's protocols: what each says of single lines that are rejected, and what its clients expect besides."""

import json
from typing import Any

import cramjam
import httpx
from tests.platform import Organization, Platform, problem
from tests.services.logs.lines import search, stored

from septet.services.logs.ingest import Ingest
from septet.services.logs.settings import LogsSettings

TOO_LONG = "x" * 3_000_000


def otlp(*bodies: str) -> dict[str, Any]:
    records = [
        {"timeUnixNano": "1780000000000000001", "severityNumber": 17, "body": {"stringValue": body},
         "traceId": "0af7651916cd43dd8448eb211c80319c", "attributes": [{"key": "n", "value": {"intValue": "7"}}]}
        for body in bodies
    ]  # fmt: skip
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}


async def test_otlp_counts_rejected_records(organization: Organization) -> None:
    answer = await organization.client.post("/v1/logs", json=otlp("good", TOO_LONG))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    assert "MAX_LINE_BYTES" in answer.json()["partialSuccess"]["errorMessage"]
    (line,) = await stored(organization.client, 1)
    assert (line["service"], line["level"], line["message"]) == ("shop", "error", "good")
    assert (line["timestamp"], line["attributes"]) == ("2026-05-28T20:26:40.000000001Z", {"n": 7})
    assert line["traceId"] == "0af7651916cd43dd8448eb211c80319c"
    headers = {"Content-Type": "application/x-protobuf"}
    problem(await organization.client.post("/v1/logs", content=b"junk", headers=headers), 400, "malformed_body")


async def test_loki_push_takes_labels_metadata_and_both_encodings(organization: Organization) -> None:
    stream = {"service_name": "shop", "detected_level": "warn", "region": "eu"}
    values = [["1780000000000000000", "order 1", {"user": "ada"}], ["1780000001000000000", '{"msg": "order 2"}']]
    push = {"streams": [{"stream": stream, "values": values}]}
    assert (await organization.client.post("/loki/api/v1/push", json=push)).status_code == 204
    found = await stored(organization.client, 2)
    assert [line["message"] for line in found] == ["order 1", "order 2"]
    assert {(line["service"], line["level"]) for line in found} == {("shop", "warn")}
    assert found[0]["attributes"] == {"region": "eu", "user": "ada"}
    junk = cramjam.snappy.compress_raw(b"\x0a\xff\xff")
    headers = {"Content-Type": "application/x-protobuf"}
    refused = await organization.client.post("/loki/api/v1/push", content=bytes(junk), headers=headers)
    problem(refused, 400, "malformed_body")
    push["streams"][0]["values"] = [["1780000002000000000", TOO_LONG], ["1780000003000000000", "order 3"]]
    problem(await organization.client.post("/loki/api/v1/push", json=push), 400, "line_rejected")
    assert len(await stored(organization.client, 3)) == 3


async def bulk(client: httpx.AsyncClient, *lines: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = await client.post("/_bulk", content="\n".join(lines).encode() + b"\n", headers=headers)
    assert answer.headers["x-elastic-product"] == "Elasticsearch"
    found: dict[str, Any] = answer.json()
    return found


async def test_bulk_answers_for_every_item(organization: Organization) -> None:
    answer = await bulk(
        organization.client,
        '{"create": {"_index": "shop", "_id": "1"}}',
        '{"message": "one"}',
        '{"create": {"_index": "shop", "_id": "1"}}',
        '{"message": "one again"}',
        '{"index": {"_index": "shop"}}',
        "not json",
        '{"delete": {"_index": "shop", "_id": "1"}}',
        '{"index": {"_index": "shop"}}',
        '{"message": "two"}',
    )
    statuses = [next(iter(item.values()))["status"] for item in answer["items"]]
    assert (statuses, answer["errors"]) == ([201, 409, 400, 400, 201], True)
    found = await stored(organization.client, 2)
    assert {(line["message"], line["service"]) for line in found} == {("one", "shop"), ("two", "shop")}


async def test_bulk_says_429_for_each_item_while_the_queue_is_full(
    platform: Platform, organization: Organization
) -> None:
    queue = Ingest.of(platform.runtime).queue
    before, queue._settings = queue._settings, LogsSettings(queue_bytes_per_tenant=1024)
    try:
        long = json.dumps({"message": "x" * 2000})
        answer = await bulk(organization.client, '{"create": {"_index": "shop"}}', long)
        assert [item["create"]["status"] for item in answer["items"]] == [429]
        full = await organization.client.post("/logs", content=long, headers={"Content-Type": "application/json"})
        assert int(full.headers["retry-after"]) > 0
        refused = problem(full, 429, "log_queue_full")
        assert "SEPTET_LOGS_QUEUE_BYTES_PER_TENANT" in refused["detail"]
    finally:
        queue._settings = before
    assert await search(organization.client) == []


async def test_elasticsearchs_clients_get_the_media_type_that_they_ask_for(organization: Organization) -> None:
    wanted = "application/vnd.elasticsearch+json; compatible-with=9"
    answer = await organization.client.get("/", headers={"Accept": wanted})
    assert (answer.headers["content-type"], answer.json()["tagline"]) == (wanted, "You Know, for Search")
    assert (await organization.client.get("/ready")).text == "ready\n"
