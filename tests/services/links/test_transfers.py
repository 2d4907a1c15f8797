"""Files from and to elsewhere."""

import asyncio
import csv
import io
import json
import threading
from collections.abc import Iterator

import pytest
from tests.platform import problem
from tests.services.links.conftest import Shortener

from septet.kernel.errors import Problem
from septet.services.links import transfers
from septet.services.links.schemas import LinkCreate
from septet.services.links.transfers import Format, read

FILES: list[tuple[Format, str]] = [
    ("csv", 'url,alias,title,tags\nhttps://example.com/a,one,"A, first",x|y\n'),
    (
        "bitly",
        'Title,Long URL,Bitlink,Tags\n"A, first",https://example.com/a,https://bit.ly/one,"x,y"\n',
    ),
    (
        "bitly",
        json.dumps(
            {
                "links": [
                    {
                        "long_url": "https://example.com/a",
                        "link": "https://bit.ly/3xYz",
                        "custom_bitlinks": ["https://bit.ly/one"],
                        "title": "A, first",
                        "tags": ["x", "y"],
                    }
                ],
                "pagination": {"next": ""},
            }
        ),
    ),
    (
        "yourls",
        json.dumps(
            {
                "links": {
                    "link_1": {
                        "shorturl": "http://sho.rt/one",
                        "url": "https://example.com/a",
                        "title": "A, first",
                        "timestamp": "2020-01-01 00:00:00",
                        "clicks": "3",
                    }
                },
                "stats": {"total_links": "1"},
                "statusCode": 200,
            }
        ),
    ),
    (
        "yourls",
        'keyword,url,title,timestamp,ip,clicks\none,https://example.com/a,"A, first",2020-01-01,203.0.113.9,3\n',
    ),
    (
        "kutt",
        json.dumps(
            {
                "data": [
                    {"address": "one", "target": "https://example.com/a", "description": "A, first", "banned": False}
                ],
                "limit": 10,
                "total": 1,
            }
        ),
    ),
    (
        "shlink",
        json.dumps(
            {
                "shortUrls": {
                    "data": [
                        {
                            "shortCode": "one",
                            "shortUrl": "https://s.test/one",
                            "longUrl": "https://example.com/a",
                            "tags": ["x", "y"],
                            "meta": {"validSince": None, "validUntil": "2030-01-01T00:00:00+00:00", "maxVisits": 5},
                            "title": "A, first",
                        }
                    ],
                    "pagination": {"currentPage": 1},
                }
            }
        ),
    ),
    (
        "shlink",
        'Short Code,Title,Short URL,Long URL,Tags\none,"A, first",https://s.test/one,https://example.com/a,"x,y"\n',
    ),
]


@pytest.mark.parametrize(("format", "text"), FILES)
def test_every_format_is_read(format: Format, text: str) -> None:  # noqa: A002
    (link,) = read(text, format)
    assert isinstance(link, LinkCreate), link
    assert (link.url, link.alias, link.title) == ("https://example.com/a", "one", "A, first")
    assert link.tags in (["x", "y"], []) and (bool(link.tags) == ("x" in text.replace("ex", "")))
    if "maxVisits" in text:
        assert link.max_clicks == 5 and link.expires_at is not None


async def test_export_can_be_imported_again(shortener: Shortener) -> None:
    for number in range(3):
        await shortener.link(title=f"Number {number}", tags=["a", "b"], notes="=1+1", maxClicks=number + 1)
    answer = await shortener.client.get("/links/export")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["title"] for row in rows] == ["Number 2", "Number 1", "Number 0"]
    assert {row["notes"] for row in rows} == {"'=1+1"}
    for link in (await shortener.client.get("/links")).json()["data"]:
        await shortener.client.delete(f"/links/{link['id']}")
    made = await shortener.client.post("/links/import", params={"format": "csv"}, content=answer.content)
    assert (made.json()["created"], made.json()["failed"]) == (3, 0), made.text
    back = (await shortener.client.get("/links")).json()["data"]
    assert {(link["code"], link["title"], link["maxClicks"]) for link in back} == {
        (row["alias"], row["title"], int(row["maxClicks"])) for row in rows
    }


async def test_rows_that_cannot_be_links_are_told(shortener: Shortener) -> None:
    text = "url,alias,maxClicks\nhttps://example.com/a,,\n,x,\nhttp://127.0.0.1/,,\nhttps://example.com/b,,many\n"
    made = (await shortener.client.post("/links/import", content=text)).json()
    assert [r["error"] and r["error"]["code"] for r in made["results"]] == [
        None,
        "invalid_input",
        "unsafe_target",
        "invalid_input",
    ]


@pytest.mark.parametrize("text", ["", "{", "{}", "[1", "url\n", '"x', '{"a": 1}'])
async def test_unreadable_files_are_refused(shortener: Shortener, text: str) -> None:
    problem(await shortener.client.post("/links/import", content=text), 422, "unreadable_import")


async def test_file_that_is_no_text_is_refused(shortener: Shortener) -> None:
    problem(await shortener.client.post("/links/import", content=b"\xff\xfe"), 400, "malformed_body")


async def test_large_files_are_read_in_one_go(shortener: Shortener) -> None:
    own = shortener.organization.id.hex
    rows = "".join(f"https://example.com/{number},{own}-{number % 8998}\n" for number in range(9000))
    made = (await shortener.client.post("/links/import", content=f"url,alias\n{rows}")).json()
    assert (made["created"], made["failed"]) == (8998, 2)
    assert [r["index"] for r in made["results"] if r["error"]] == [8998, 8999]


async def test_others_are_served_while_a_file_is_read(shortener: Shortener, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slowly(text: str, given: Format) -> Iterator[LinkCreate | Problem]:
        begun.set()
        assert goes_on.wait(10), "nobody else was served"
        return read(text, given)

    monkeypatch.setattr(transfers, "read", slowly)
    importing = asyncio.create_task(shortener.client.post("/links/import", content="url\nhttps://example.com/a\n"))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    assert (await shortener.client.get("/links")).status_code == 200
    goes_on.set()
    assert (await importing).json()["created"] == 1
