"""The unmodified official SDK for Node drives the main flows of the provider."""

import asyncio
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.platform import Platform

SOURCE = Path(__file__).parent / "node"


@pytest.fixture
async def script(tmp_path: Path) -> Path:
    """The script beside its installed dependency; skipped, with the reason, where that cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed here")
    directory = Path(shutil.copytree(SOURCE, tmp_path / "node"))
    code, output = await run("npm", "ci", "--no-audit", "--no-fund", "--silent", cwd=directory)
    if code != 0:
        pytest.skip(f"the SDK for Node cannot be installed here: {output[-200:]}")
    return directory / "flows.mjs"


async def test_main_flows(script: Path, platform: Platform, provider_url: str) -> None:
    where = urlsplit(provider_url)
    code, output = await run("node", str(script), str(where.hostname), str(where.port), cwd=script.parent)
    assert (code, output.strip()) == (0, "ok")


async def run(*command: str, cwd: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, output.decode()
