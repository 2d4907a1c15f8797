"""A real `septet up` and a real Chromium, once a run.

They go when the last test of this folder has run: no asyncio test can run beside Playwright.
"""

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from benchmarks import browser
from benchmarks.installation import Installation, free_ports
from playwright.sync_api import Browser
from redis import Redis

from septet.kernel.clock import Clock
from septet.kernel.http.console import BUILT
from septet.supervisor.directory import Running
from tests.browser.people import Person, Visit, Visitor, Windows, sign_up
from tests.name_server import NameServer
from tests.services.logs.lines import dead_letter

CONSOLE = Path(__file__).parents[2] / "console"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def names() -> Iterator[NameServer]:
    """Who is asked about the records of domains; in a thread, as Playwright has the loop of this one."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, daemon=True).start()
    opening = loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    transport, server = asyncio.run_coroutine_threadsafe(opening, loop).result(timeout=10)
    yield server
    loop.call_soon_threadsafe(transport.close)
    loop.call_soon_threadsafe(loop.stop)


@pytest.fixture(scope="package")
def septet(tmp_path_factory: pytest.TempPathFactory, names: NameServer) -> Iterator[Installation]:
    """All of Septet with the built console."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("the console is not built: run `make console`")
    [port] = free_ports(1)
    # Passkeys belong to a name.
    settings = {"web_port": port, "public_url": f"http://localhost:{port}"}
    # Webhooks go to receivers of the tests, on this machine.
    settings["notifications_webhook_allow_private"] = True
    settings["links_dns_server"] = names.address
    installation = Installation(tmp_path_factory.mktemp("browser"), "--virtual-clock", **settings)
    installation.web_port = port
    with installation.start():
        yield installation


@pytest.fixture(scope="package")
def base(septet: Installation) -> str:
    return f"http://127.0.0.1:{septet.web_port}"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if browser.CHROMIUM is None:
        pytest.skip("no Chromium is installed here")
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="package")
def windows(chromium: Browser, base: str) -> Windows:
    return Windows(chromium, base)


@pytest.fixture
def visit(windows: Windows) -> Iterator[Visit]:
    """Open the console as somebody; at the end nothing may have gone wrong in any page."""
    visitors: list[Visitor] = []

    def opened(person: Person | None = None, *, fresh: bool = False, apart: bool = False) -> Visitor:
        visitors.append(Visitor(windows, person, fresh=fresh, apart=apart))
        return visitors[-1]

    yield opened
    with contextlib.ExitStack() as closing:
        for visitor in visitors:
            closing.callback(visitor.close)


@pytest.fixture
def ada(base: str) -> Person:
    return sign_up(base)


@pytest.fixture(scope="package")
def npm() -> Path:
    """The console's folder with its packages installed."""
    if not shutil.which("npm"):
        pytest.skip("no npm is installed here")
    if not (CONSOLE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=CONSOLE, check=True, timeout=300)
    return CONSOLE


def bury(septet: Installation, person: Person, *texts: str) -> None:
    """Leave dead letters with a line each."""
    running = Running.find(septet.data_dir)
    assert running
    with Redis.from_url(running.engines.valkey) as valkey:
        for text in texts:
            valkey.xadd(*dead_letter(UUID(person.organization_id), text, Clock()))
