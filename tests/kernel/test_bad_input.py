"""Whatever is sent, the answer is a problem document that says how to mend it, never a 500."""

import json
from uuid import uuid4

import pytest
from tests.platform import Organization, Platform, problem

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        pytest.param(b"{", JSON, 400, "malformed_body", id="malformed JSON"),
        pytest.param(b'{"name": "\xff"}', JSON, 400, "malformed_body", id="invalid UTF-8"),
        pytest.param(b'{"name": "a\\u0000b"}', JSON, 422, "invalid_input", id="escaped NUL"),
        pytest.param(b'{"name": "a\0b"}', JSON, 422, "invalid_input", id="raw NUL"),
        pytest.param(b'{"name": "a\\ud800b"}', JSON, 422, "invalid_input", id="half a surrogate pair"),
        pytest.param(b'{"name": "Acme", "colour": 1}', JSON, 422, "invalid_input", id="unknown field"),
        pytest.param(b'{"name": 7}', JSON, 422, "invalid_input", id="wrong type"),
        pytest.param(b'{"name": "' + b"x" * 201 + b'"}', JSON, 422, "invalid_input", id="over-long value"),
        pytest.param(b"[]", JSON, 422, "invalid_input", id="another shape"),
        pytest.param(
            b"name=Acme", {"content-type": "text/plain"}, 415, "unsupported_media_type", id="wrong content type"
        ),
        pytest.param(b"", JSON, 422, "invalid_input", id="no body"),
        pytest.param(b"x" * 10_000_000, JSON, 413, "body_too_large", id="10 MB"),
        pytest.param(b'{"name":' * 5_000, JSON, 400, "malformed_body", id="deeply nested"),
    ],
)
async def test_body(organization: Organization, body: bytes, headers: dict[str, str], status: int, code: str) -> None:
    answer = await organization.client.post("/organizations", content=body, headers=headers)
    assert problem(answer, status, code)["detail"]


async def test_escaped_backslash_before_u0000_is_no_nul(organization: Organization) -> None:
    body = json.dumps({"name": "a\\u0000b"})
    answer = await organization.client.post("/organizations", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["name"]) == (201, "a\\u0000b")


async def test_half_a_surrogate_pair_is_refused_in_free_json_too(organization: Organization) -> None:
    for body in (b'{"value": "a\\ud800b"}', b'{"value": {"\\uDFFF": 1}}', b'{"value": ["\\ude00\\ud83d"]}'):
        answer = await organization.client.put("/features/smile", content=body, headers=JSON)
        problem(answer, 422, "invalid_input")
    whole = await organization.client.put(
        "/features/smile", content=b'{"value": "\\ud83d\\ude00", "offValue": ""}', headers=JSON
    )
    assert whole.status_code == 200, whole.text
    assert "\U0001f600" in whole.text


async def test_unknown_field_is_named(organization: Organization) -> None:
    answer = await organization.client.post("/organizations", json={"name": "Acme", "colour": "red"})
    assert problem(answer, 422, "invalid_input")["errors"][0]["field"] == "colour"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many"])
async def test_limit(organization: Organization, query: str) -> None:
    problem(await organization.client.get(f"/members?{query}"), 422, "invalid_input")


@pytest.mark.parametrize("cursor", ["abc", "%F0%9F", "W10", "WzEsMl0", "bnVsbA", "eyJhIjoxfQ", "WyJ4IiwieSJd"])
async def test_cursor(organization: Organization, cursor: str) -> None:
    problem(await organization.client.get(f"/members?cursor={cursor}"), 400, "bad_parameter")


async def test_nul_in_the_url(organization: Organization) -> None:
    problem(await organization.client.get("/members?cursor=%00"), 422, "invalid_input")


async def test_ids(organization: Organization) -> None:
    problem(await organization.client.get("/organizations/7"), 422, "invalid_input")
    problem(await organization.client.get(f"/organizations/{uuid4()}"), 404, "organization_not_found")


async def test_unknown_path_and_method(organization: Organization) -> None:
    problem(await organization.client.get("/nowhere"), 404, "not_found")
    answer = await organization.client.put("/organizations", json={})
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


async def test_every_answer_has_a_request_id_and_security_headers(platform: Platform) -> None:
    answer = await platform.client().get("/nowhere", headers={"X-Request-Id": "mine"})
    assert answer.headers["x-request-id"] == "mine"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len((await platform.client().get("/healthz")).headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0818-06-22T00:01:42+20:40",
        "1899-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z",
        "0001-01-01",
        "9999-12-31",
    ],
)
async def test_a_time_out_of_reach_is_refused_wherever_one_is_asked_for(
    organization: Organization, moment: str
) -> None:
    """Engines know no such times, and arithmetic with them overflows."""
    for path, name in await asked_for_times(organization):
        answer = await organization.client.get(path, params={name: moment})
        assert 400 <= answer.status_code < 500, (path, name, answer.text)


@pytest.mark.parametrize("moment", ["1900-01-01T00:00:00Z", "2261-12-31T23:59:59Z", "1900-01-01", "2261-12-31"])
async def test_the_first_and_the_last_time_within_reach_harm_nothing(organization: Organization, moment: str) -> None:
    for path, name in await asked_for_times(organization):
        answer = await organization.client.get(path, params={name: moment})
        assert answer.status_code < 500, (path, name, answer.text)


async def asked_for_times(organization: Organization) -> list[tuple[str, str]]:
    """Paths with the names of their parameters that are days or moments."""
    document = (await organization.client.get("/openapi.json")).json()
    asked = [
        (path.replace("{", "").replace("}", ""), parameter["name"])
        for path, operations in document["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["in"] == "query" and path not in ("/mailbox", "/logs/tail")  # an address; a stream without end
        if '"date' in json.dumps(parameter) or parameter["name"] in ("from", "to")
    ]
    assert len(asked) >= 10
    return asked
