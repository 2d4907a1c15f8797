"""What is built and how it is served: small, locked, in step with the API, translated, and nothing else may run."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import httpx
from playwright.sync_api import expect

import septet.app
from septet.kernel.http.console import BUILT
from tests.browser.conftest import CONSOLE
from tests.browser.people import Visit

FIRST_PAGE_KILOBYTES = 350


def test_only_files_of_the_console_may_run(base: str) -> None:
    page = httpx.get(f"{base}/console/")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert page.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text), "a script without a file would not run"


def test_pages_files_and_what_is_neither(base: str) -> None:
    index = httpx.get(f"{base}/console/").text
    assert httpx.get(f"{base}/console/links/some-link").text == index
    asset = re.search(r"/console/assets/[^\"]+\.js", index)
    assert asset
    assert "immutable" in httpx.get(base + asset[0]).headers["cache-control"]
    assert httpx.get(f"{base}/console/assets/gone.js").status_code == 404
    assert httpx.get(f"{base}/console", follow_redirects=False).headers["location"].endswith("/console/")
    outside = httpx.get(f"{base}/console/..%2f..%2fkernel%2fconfig.py")
    assert "class Settings" not in outside.text


def test_the_first_page_is_small(visit: Visit) -> None:
    """Scripts that the sign-in page loads, compressed as they would be sent."""
    visitor = visit()
    scripts: list[str] = []
    visitor.page.on("request", lambda request: request.resource_type == "script" and scripts.append(request.url))
    visitor.open("/")
    expect(visitor.page.get_by_label("E-mail")).to_be_visible()
    files = [BUILT / httpx.URL(url).path.removeprefix("/console/") for url in scripts]
    size = sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert 0 < size <= FIRST_PAGE_KILOBYTES * 1000, f"{size} bytes"


def test_the_first_page_is_usable_with_nothing_in_the_cache(visit: Visit) -> None:
    """How soon is measured by `benchmarks/console.py`."""
    visitor = visit(fresh=True)
    page = visitor.open("/")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    expect(page.get_by_label("Your name")).to_be_editable()


def test_the_lock_file_names_no_address() -> None:
    lock = (CONSOLE / "package-lock.json").read_text()
    assert not re.search(r'"resolved":\s*"[^"]*://', lock)
    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock), "only sponsors' pages may be named"


def test_the_client_is_in_step_with_the_api(npm: Path) -> None:
    """The client's types are made from the API as it is now, and the console's code fits them."""
    (npm / "openapi.json").write_text(json.dumps(septet.app.openapi_document()))
    checked = subprocess.run(["npm", "run", "--silent", "check"], cwd=npm, capture_output=True, text=True, timeout=120)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_text_is_translated(npm: Path) -> None:
    checked = subprocess.run(["node", "scripts/texts.mjs"], cwd=npm, capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr
