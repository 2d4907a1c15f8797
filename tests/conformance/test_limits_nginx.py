"""nginx, unmodified, in front of a small application: `auth_request` asks Septet before each request."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks.installation import free_ports
from tests.platform import Platform
from tests.services.limits.conftest import Limited, limited_on
from tests.serving import served

from septet.app import web_application

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      auth_request /septet;
      auth_request_set $limit $upstream_http_ratelimit;
      auth_request_set $retry $upstream_http_retry_after;
      add_header RateLimit $limit always;
      error_page 403 = @limited;
      proxy_pass {application};
    }}
    location = /septet {{
      internal;
      proxy_pass {septet}/check/forward?deny=403;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Api-Key {key};
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Forwarded-Method $request_method;
      proxy_set_header X-User-Id $http_x_user;
    }}
    location @limited {{
      add_header RateLimit $limit always;
      add_header Retry-After $retry always;
      return 429;
    }}
  }}
}}
"""


class Application:
    """Answers everything, and remembers what reached it."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        self.requests.append(f"{scope['method']} {scope['path']}")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"from the application"})


@asynccontextmanager
async def nginx(folder: Path, **values: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of nginx."""
    (port,) = free_ports(1)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, **values))
    assert NGINX is not None
    process = await asyncio.create_subprocess_exec(NGINX, "-p", folder, "-c", configuration)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            async with asyncio.timeout(10):
                while not await listens(port):
                    assert process.returncode is None, (folder / "error.log").read_text()
                    await asyncio.sleep(0.02)
            yield client
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture
async def limited(platform: Platform) -> Limited:
    return await limited_on(platform)


async def test_auth_request(platform: Platform, limited: Limited, tmp_path: Path) -> None:
    await limited.rule(name="orders", scope="user", route="/orders/:id", method="POST", limit=2, windowMs=86_400_000)
    application = Application()
    async with (
        served(web_application(platform.runtime)) as septet,
        served(application) as behind,
        nginx(tmp_path, application=behind, septet=septet, key=limited.key) as client,
    ):
        answers = [await client.post("/orders/7?a=b", content=b"body", headers={"X-User": "ada"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0].text == "from the application" and answers[0].headers["ratelimit"].startswith(
            '"orders";r=1;t='
        )
        assert int(answers[2].headers["retry-after"]) > 0 and answers[2].headers["ratelimit"].startswith(
            '"orders";r=0;'
        )
        assert (await client.post("/orders/7", headers={"X-User": "bob"})).status_code == 200
        assert (await client.get("/orders/7", headers={"X-User": "ada"})).status_code == 200
    assert application.requests == ["POST /orders/7"] * 3 + ["GET /orders/7"], "the denied one has not reached it"


async def test_a_wrong_key_lets_nobody_through(platform: Platform, tmp_path: Path) -> None:
    application = Application()
    async with (
        served(web_application(platform.runtime)) as septet,
        served(application) as behind,
        nginx(tmp_path, application=behind, septet=septet, key="nonsense") as client,
    ):
        assert (await client.get("/")).status_code == 401
    assert application.requests == []
