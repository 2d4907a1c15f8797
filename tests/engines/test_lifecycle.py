"""What all three engines promise: one start per directory, a clean stop, recovery from whatever was left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import clickhouse_connect
import psutil
import pytest
import redis.asyncio

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.errors import EngineError
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine

Engine = PostgresEngine | ValkeyEngine | ClickHouseEngine

PARENT = """
import asyncio, sys
from pathlib import Path
from septet.engines import process
from septet.engines.{module} import {kind}

if "alone" in sys.argv:  # as on a system without a parent-death signal
    process._die_with_parent = lambda signal: None

async def main():
    engine = {kind}(Path(sys.argv[1]))
    await engine.start()
    print(engine.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def killed_parent(engine: Engine, *arguments: str) -> psutil.Process:
    """The server that a parent left behind, which started it and was killed."""
    kind = type(engine)
    script = PARENT.format(module=kind.__module__.rpartition(".")[2], kind=kind.__name__)
    command = [sys.executable, "-c", script, str(engine.directory), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    return server


def gone(process: psutil.Process) -> bool:
    """Whether it has ended; nobody may have collected its exit code yet."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def answer(engine: Engine) -> object:
    """One trivial question to a running engine, through its public URL."""
    if isinstance(engine, PostgresEngine):
        connection = await asyncpg.connect(engine.url)
        try:
            return await connection.fetchval("SELECT 1")
        finally:
            await connection.close()
    if isinstance(engine, ValkeyEngine):
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            return int(await client.ping())
    async with await clickhouse_connect.get_async_client(dsn=engine.url) as client:
        return await client.command("SELECT 1")


async def test_start_answers_and_a_second_start_on_the_directory_is_refused(engine: Engine) -> None:
    assert await answer(engine) == 1
    assert engine.version[0].isdigit()
    assert engine.pid is not None
    second = type(engine)(engine.directory)
    with pytest.raises(EngineError, match=rf"{engine.directory} is in use by process {os.getpid()}"):
        await second.start()
    assert await answer(engine) == 1, "the refused start must not disturb the running one"


async def test_start_works_again_at_the_same_url_after_stop_and_after_kill(engine: Engine) -> None:
    url, pid = engine.url, engine.pid
    assert pid is not None
    await engine.stop()
    assert await engine.wait() == 0
    assert not psutil.pid_exists(pid)
    assert engine.pid is None
    await engine.stop()
    await engine.start()
    assert engine.url == url
    assert await answer(engine) == 1
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    assert await asyncio.wait_for(engine.wait(), 5) == -signal.SIGKILL
    await engine.start()
    assert engine.url == url
    assert await answer(engine) == 1


async def test_a_server_that_outlived_its_killed_parent_is_ended_first(engine: Engine) -> None:
    await engine.stop()
    orphan = await asyncio.to_thread(killed_parent, engine, "alone")
    assert not gone(orphan)
    await engine.start()
    assert gone(orphan)
    assert await answer(engine) == 1


async def test_a_killed_parent_takes_its_server_along(engine: Engine) -> None:
    await engine.stop()
    server = await asyncio.to_thread(killed_parent, engine)
    await asyncio.to_thread(psutil.wait_procs, [server], 10)
    assert gone(server)


@pytest.fixture
def foreign() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


async def test_stale_pid_file_never_costs_a_foreign_process_its_life(
    engine: Engine, foreign: subprocess.Popen[bytes]
) -> None:
    await engine.stop()
    (engine.directory / "pid").write_text(str(foreign.pid))
    if isinstance(engine, PostgresEngine):
        stale = f"{foreign.pid}\n{engine.directory / 'data'}\n1700000000\n5432\n/nowhere\n\n  1 1\nready\n"
        (engine.directory / "data" / "postmaster.pid").write_text(stale)
    await engine.start()
    assert await answer(engine) == 1
    assert foreign.poll() is None


async def test_never_started_engines_say_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="has not been started"):
        _ = ClickHouseEngine(tmp_path / "nowhere").url
    with pytest.raises(EngineError, match="has not been started"):
        await ValkeyEngine(tmp_path / "nowhere").wait()
