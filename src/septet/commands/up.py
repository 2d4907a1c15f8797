"""`septet up`: everything on this machine, until Ctrl-C."""

import asyncio
import signal
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from septet.commands import roles
from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import err, out
from septet.kernel.config import Settings, without_password
from septet.supervisor.directory import claim
from septet.supervisor.ports import listen
from septet.supervisor.supervision import ROLES, Supervisor


def up(
    web: Annotated[
        int | None, typer.Option(help="Number of web processes [SEPTET_WEB_PROCESSES; default: 1]", show_default=False)
    ] = None,
    virtual_clock: Annotated[
        bool | None,
        typer.Option("--virtual-clock", help="Let POST /clock/advance move time; for tests.", show_default=False),
    ] = None,
    services: Annotated[
        str | None, typer.Option(help="Services to run, separated by commas [default: all]", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Start Septet: engines, migrations, all roles. Stop with Ctrl-C.

    Engines whose URL is set (SEPTET_POSTGRES_URL, SEPTET_VALKEY_URL, SEPTET_CLICKHOUSE_URL) are used as they are;
    the others are started here, with their data under the data directory. What dies is started again.
    """
    settings = settings_of(sets, web_processes=web, virtual_clock=virtual_clock, services=services, data_dir=data_dir)
    settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})
    with claim(settings.data_dir):
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    supervisor = Supervisor(
        settings,
        listen(settings, ROLES),
        _say,
        serve=roles.serve,
        migrate=roles.migrate,
        preload="septet.commands.preload",
    )
    try:
        with err.status("Starting engines and services …"):
            await _start_or_stop(supervisor, stop)
        if not stop.is_set():
            _show(supervisor, settings, out)
            await stop.wait()
    finally:
        _say("Stopping …")
        await supervisor.stop()
        _say(f"Stopped. All data is in {settings.data_dir}; `septet up` goes on from there.")


async def _start_or_stop(supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Start; give it up when told to stop meanwhile."""
    starting = asyncio.create_task(supervisor.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.wait([starting])
        return
    starting.result()


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)


def _show(supervisor: Supervisor, settings: Settings, console: Console) -> None:
    base = settings.public_url.rstrip("/")
    table = Table("what", Column("where", overflow="fold"), "process", box=None, header_style="bold", pad_edge=False)
    processes = {role: process.pid for process in supervisor.roles for role in process.roles}
    table.add_row(
        "API", base, f"web × {settings.web_processes}" if settings.web_processes > 1 else _pid(processes["web"])
    )
    table.add_row("API reference", f"{base}/docs", "")
    table.add_row("Console", f"{base}/console/", "")
    table.add_row("Gateway (WebSocket)", f"ws://{settings.host}:{settings.gateway_port}/", _pid(processes["gateway"]))
    table.add_row(
        "Payment provider (fake)", f"http://{settings.host}:{settings.provider_port}/", _pid(processes["provider"])
    )
    table.add_row("Jobs and schedules", "", _pid(processes["worker"]))
    engines, urls = supervisor.engines, supervisor.engines.urls
    for title, engine, url in (
        ("PostgreSQL", engines.postgres, urls.postgres),
        ("Valkey", engines.valkey, urls.valkey),
        ("ClickHouse", engines.clickhouse, urls.clickhouse),
    ):
        name = f"{title} {engine.version}" if engine else title
        table.add_row(name, without_password(url), _pid(engine.pid) if engine else "remote")
    table.add_row("Data directory", str(settings.data_dir), "")
    console.print()
    console.print(table, soft_wrap=True)
    console.print(
        f"\nNext: open {base}/console/ and sign up, or read {base}/docs. Ctrl-C stops everything.", soft_wrap=True
    )


def _pid(pid: int | None) -> str:
    return f"pid {pid}" if pid else "starting again"
