"""Lines come in in many forms, and every one is stored as it came, or rejected with a reason."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable

import httpx
import pytest
from tests.platform import Organization, Platform, problem
from tests.services.logs.lines import search, send, send_bytes, send_text, stored

from septet.services.logs.codecs import deflate

LINE = {
    "timestamp": "2026-05-01T10:00:00.123456789Z",
    "level": "WARNING",
    "service": "checkout",
    "message": "payment failed: żółć",
    "orderId": 17,
    "http": {"status": 502},
}


async def test_a_json_line_is_derived_and_kept_as_it_came(organization: Organization) -> None:
    assert await send(organization.client, LINE) == {"accepted": 1, "rejected": 0, "errors": []}
    (found,) = await stored(organization.client, 1)
    assert found["timestamp"] == "2026-05-01T10:00:00.123456789Z"
    assert (found["level"], found["service"], found["message"]) == ("warn", "checkout", "payment failed: żółć")
    assert found["attributes"] == {"orderId": 17, "http": {"status": 502}}
    assert json.loads(found["raw"]) == LINE


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", deflate)]
)
async def test_bodies_may_be_compressed(
    organization: Organization, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(json.dumps([LINE, LINE], indent=2).encode())
    taken = await send_bytes(organization.client, body, "application/json", headers={"Content-Encoding": encoding})
    assert taken["accepted"] == 2
    assert len(await stored(organization.client, 2, service="checkout")) == 2


async def test_a_body_that_is_not_what_its_encoding_says_is_refused(organization: Organization) -> None:
    for body in (b"not gzip", gzip.compress(b"x" * 1000)[:-9]):
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
        problem(await organization.client.post("/logs", content=body, headers=headers), 400, "unreadable_encoding")


async def test_a_bomb_is_refused_by_the_setting_that_it_exceeds(organization: Organization) -> None:
    bomb = gzip.compress(b"\0" * (80 * 1024 * 1024), 9)
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
    refused = problem(await organization.client.post("/logs", content=bomb, headers=headers), 413, "body_too_large")
    assert "SEPTET_LOGS_MAX_INFLATED_BYTES" in refused["detail"]


async def test_a_body_beyond_the_platforms_limit_but_within_the_logs_own_is_taken(organization: Organization) -> None:
    lines = [f"line {number} " + "x" * 100 for number in range(20_000)]
    assert (await send_text(organization.client, *lines))["accepted"] == 20_000
    too_large = b"y" * (17 * 1024 * 1024)
    refused = await organization.client.post("/logs", content=too_large, headers={"Content-Type": "text/plain"})
    assert "SEPTET_LOGS_MAX_BODY_BYTES" in problem(refused, 413, "body_too_large")["detail"]


TEXT = [
    (
        '83.149.9.216 - - [17/May/2015:10:05:03 +0200] "GET /a?b=1 HTTP/1.1" 404 2023 "http://r/" "Mozilla/5.0 (X)"',
        {"timestamp": "2015-05-17T08:05:03Z", "level": "warn"},
        {
            "remoteAddress": "83.149.9.216",
            "method": "GET",
            "path": "/a?b=1",
            "status": 404,
            "bytes": 2023,
            "referrer": "http://r/",
            "userAgent": "Mozilla/5.0 (X)",
        },
    ),
    (
        "<34>1 2003-10-11T22:14:15.003Z web1 su 77 ID47 - 'su root' failed",
        {"timestamp": "2003-10-11T22:14:15.003Z", "level": "fatal", "service": "su", "host": "web1",
         "message": "'su root' failed"},
        {"facility": 4, "processId": "77", "messageId": "ID47", "structuredData": ""},
    ),
    (
        'ts=2024-01-01T00:00:00Z level=error msg="it \\"broke\\"" user=7 service=api',
        {"timestamp": "2024-01-01T00:00:00Z", "level": "error", "service": "api", "message": 'it "broke"'},
        {"user": "7"},
    ),
    (
        "2024-05-01 10:00:00,123 ERROR [main] something bad",
        {"timestamp": "2024-05-01T10:00:00.123Z", "level": "error"},
        {},
    ),
    ('{"time": 1700000000123, "level": 50, "msg": "pino"}', {"timestamp": "2023-11-14T22:13:20.123Z", "level": "error",
     "message": "pino"}, {}),
    ("no structure at all, 😀", {"level": "info", "timestampFrom": "arrival"}, {}),
]  # fmt: skip


async def test_every_form_of_text_is_derived(organization: Organization) -> None:
    taken = await send_text(organization.client, *(line for line, _, _ in TEXT), params={"service": "web"})
    assert taken["accepted"] == len(TEXT)
    by_raw = {line["raw"]: line for line in await stored(organization.client, len(TEXT))}
    for raw, fields, attributes in TEXT:
        found = by_raw[raw]
        assert {name: found[name] for name in fields} == fields
        assert found["attributes"] == attributes
        assert found["service"] == fields.get("service", "web")


@pytest.mark.parametrize(
    ("said", "derived"),
    [
        (1700000000, "2023-11-14T22:13:20Z"),
        (1700000000.5, "2023-11-14T22:13:20.5Z"),
        (1700000000123, "2023-11-14T22:13:20.123Z"),
        (1700000000123456, "2023-11-14T22:13:20.123456Z"),
        (1700000000123456789, "2023-11-14T22:13:20.123456789Z"),
        ("1985-02-03T04:05:06+01:00", "1985-02-03T03:05:06Z"),
        ("2199-12-31T23:59:59Z", "2199-12-31T23:59:59Z"),
        (-86400, "1969-12-31T00:00:00Z"),
    ],
)
async def test_moments_are_understood_however_old(organization: Organization, said: object, derived: str) -> None:
    await send(organization.client, {"timestamp": said, "message": "m"})
    (found,) = await stored(organization.client, 1)
    assert (found["timestamp"], found["timestampFrom"]) == (derived, "line")


@pytest.mark.parametrize("said", ["2500-01-01T00:00:00Z", "yesterday", "2024-13-45", 10**22, None, {"a": 1}, ""])
async def test_what_is_no_moment_becomes_the_arrival_and_says_so(organization: Organization, said: object) -> None:
    await send(organization.client, {"timestamp": said, "message": "m"})
    (found,) = await stored(organization.client, 1)
    assert found["timestamp"] == found["receivedAt"]
    assert found["timestampFrom"] == "arrival"


async def test_accepted_and_rejected_add_up(organization: Organization) -> None:
    good, nul = b'{"message": "good"}', b'{"message": "nul \\u0000 inside"}'
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    lines = [good, b"", b"not json", b"[1]", b'{"open": ', b'{"bad": "\xff"}', nul, b'{"f": 1e400}', deep]
    taken = await send_bytes(organization.client, b"\n".join(lines) + b"\n", "application/x-ndjson")
    assert taken["accepted"] + taken["rejected"] == len(lines)
    assert {error["index"] for error in taken["errors"]} >= {1, 2, 3, 4, 5}
    assert all(error["reason"] for error in taken["errors"])
    found = await stored(organization.client, taken["accepted"])
    assert nul.decode() in [line["raw"] for line in found]
    assert '{"f": 1e400}' in [line["raw"] for line in found]


async def test_text_is_stored_faithfully(organization: Organization) -> None:
    lines = [
        "",
        "  two blanks  ",
        "tab\tand \x00 nul",
        "ünï ☃ 😀",
        "M" * 1_000_000,
        '{"broken": ',
        "\\ back\\slash '\"",
    ]
    body = "\n".join(lines).encode() + b"\nlatin \xe9\n"
    taken = await send_bytes(organization.client, body, "text/plain")
    assert (taken["accepted"], taken["rejected"]) == (len(lines), 1)
    assert taken["errors"] == [{"index": len(lines), "reason": "the line is not valid UTF-8 (byte 6)"}]
    assert sorted(line["raw"] for line in await stored(organization.client, len(lines))) == sorted(lines)


async def test_a_line_beyond_the_limit_is_rejected_alone(organization: Organization) -> None:
    taken = await send_text(organization.client, "short", "L" * (2 * 1024 * 1024 + 1))
    assert (taken["accepted"], taken["rejected"]) == (1, 1)
    assert "SEPTET_LOGS_MAX_LINE_BYTES" in taken["errors"][0]["reason"]


async def test_ten_thousand_attribute_names_are_all_searchable(organization: Organization) -> None:
    documents = [{"message": f"m{n}", f"name{n}": n, **{f"k{n}_{i}": i for i in range(9)}} for n in range(1000)]
    assert (await send(organization.client, *documents))["accepted"] == 1000
    await stored(organization.client, 1000)
    (found,) = await search(organization.client, **{"attr.name777": "777"})
    assert found["message"] == "m777"


async def test_a_key_is_stored_once_however_the_retry_races(organization: Organization) -> None:
    headers = {"Idempotency-Key": "batch-1", "Content-Type": "text/plain"}

    async def once(body: bytes) -> httpx.Response:
        return await organization.client.post("/logs", content=body, headers=headers)

    answers = await asyncio.gather(*(once(b"a\nb") for _ in range(10)))
    assert [answer.status_code for answer in answers] == [202] * 10
    assert {answer.text for answer in answers} == {'{"accepted": 2, "rejected": 0, "errors": []}'}
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 9
    problem(await once(b"a\nc"), 422, "idempotency_key_reused")
    await stored(organization.client, 2)
    for _ in range(2):
        await send_text(organization.client, "without a key")
    assert len(await stored(organization.client, 4)) == 4


async def test_a_dry_run_shows_and_stores_nothing(organization: Organization) -> None:
    answer = await organization.client.post("/logs?dryRun=true", json=LINE)
    assert answer.status_code == 200
    (derived,) = answer.json()["derived"]
    assert (derived["level"], derived["attributes"]) == ("warn", {"orderId": 17, "http": {"status": 502}})
    await send(organization.client, {"message": "another"})
    assert [line["message"] for line in await stored(organization.client, 1)] == ["another"]


async def test_who_may_send_and_who_may_read(platform: Platform, organization: Organization) -> None:
    anonymous = platform.client()
    problem(await anonymous.post("/logs", json=LINE), 401, "unauthenticated")
    key = await platform.api_key(organization, "logs:write")
    basic = await anonymous.post("/logs", json=LINE, auth=("anything", key))
    assert basic.status_code == 202
    other = await platform.api_client(organization, "links:write")
    problem(await other.post("/logs", json=LINE), 403, "forbidden")
    problem(await other.get("/logs"), 403, "forbidden")


async def test_bodies_that_cannot_be_lines(organization: Organization) -> None:
    client = organization.client
    problem(await client.post("/logs", content=b"", headers={"Content-Type": "text/plain"}), 400, "malformed_body")
    problem(
        await client.post("/logs", content=b"nope", headers={"Content-Type": "application/json"}), 400, "malformed_body"
    )
    problem(
        await client.post("/logs", content=b"x", headers={"Content-Type": "image/png"}), 415, "unsupported_media_type"
    )
