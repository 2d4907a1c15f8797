"""A page of another site cannot open a conversation with somebody's cookie (cross-site WebSocket hijacking)."""

import json

import aiohttp
import pytest
from tests.platform import BASE_URL
from tests.services.chat.conftest import Crew
from tests.services.chat.gateways import RawClient, RunningGateway

from septet.services.chat.gateway.cookie import session_cookie


async def greeting(crew: Crew, gateway: RunningGateway, origin: str | None) -> tuple[str, int | None]:
    """The first frame that a page of this origin hears when it says hello with the cookie alone, and how it ends."""
    headers = {"Cookie": f"septet_session={crew.ada.token}"} | ({"Origin": origin} if origin is not None else {})
    async with aiohttp.ClientSession() as http, http.ws_connect(gateway.url, headers=headers) as socket_:
        client = RawClient(socket_)
        await client.say("hello", organizationId=str(crew.organization.id))
        frame = json.loads((await socket_.receive()).data)
        return frame["type"], None if frame["type"] == "welcome" else (await client.closed())[0]


async def test_the_consoles_pages_need_no_token(crew: Crew, gateway: RunningGateway) -> None:
    assert await greeting(crew, gateway, BASE_URL) == ("welcome", None)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        "http://127.0.0.1:{port}",  # the gateway's own host and port
        "http://127.0.0.1:9999",  # another port of the gateway's host
        f"{BASE_URL}:8080",
        BASE_URL.replace("http:", "https:"),
        f"{BASE_URL}.evil.example",
        f"{BASE_URL}@evil.example",
        "http://evil.example:notaport",
    ],
)
async def test_no_other_origin_may_use_the_cookie(crew: Crew, gateway: RunningGateway, origin: str | None) -> None:
    asking = origin.replace("{port}", str(gateway.port)) if origin is not None else None
    assert await greeting(crew, gateway, asking) == ("error", 4401)


@pytest.mark.parametrize(
    ("public_url", "origin", "own"),
    [
        ("https://chat.example", "https://chat.example", True),
        ("https://chat.example/", "https://chat.example:443", True),
        ("http://127.0.0.1:8000", "http://localhost:8000", True),
        ("http://127.0.0.1:8000", "http://localhost:8001", False),
        ("https://chat.example", "http://chat.example", False),
        ("https://chat.example", "https://localhost", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(public_url: str, origin: str, own: bool) -> None:
    headers = {"Origin": origin, "Host": "chat.example", "Cookie": "septet_session=sess_x"}
    assert session_cookie(headers, public_url) == ("sess_x" if own else "")
