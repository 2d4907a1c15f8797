"""`septet backup FILE` and `septet restore FILE`: all three engines in one archive."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import CommandFailed, err, out
from septet.kernel.config import Settings
from septet.supervisor.directory import Running
from septet.supervisor.engines import engines_at_hand


class Bars:
    """A progress bar for each stage, drawn as `backup` and `restore` report."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(stage)
        self._progress.update(self._bars[stage], completed=done, total=total or None)


def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write.", show_default=False)],
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Save everything in PostgreSQL, Valkey and ClickHouse into FILE, also while Septet runs.

    `secrets.json` of the data directory is not part of it: keep a copy apart from the archive.
    """
    if file.exists():
        raise CommandFailed(f"{file} exists already; name another file, or remove it first.")
    settings = settings_of(sets, data_dir=data_dir)
    asyncio.run(_backup(settings, file))
    out.print(f"Everything is in {file} ({file.stat().st_size / 1e6:.1f} MB).", markup=False)
    out.print(
        f"Keep {settings.data_dir / 'secrets.json'} as well. Next: septet restore {file} (on a fresh data directory)"
    )


async def _backup(settings: Settings, file: Path) -> None:
    from septet.engines.backup import backup as save  # here, since it brings the drivers

    async with engines_at_hand(settings) as urls:
        with Progress(console=err) as progress:
            await save(urls.postgres_admin, urls.valkey, urls.clickhouse, file, Bars(progress))


def restore(
    file: Annotated[Path, typer.Argument(help="Archive to read.", exists=True, dir_okay=False, show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Drop what the engines hold, if anything.")] = False,
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Put what `septet backup` saved into empty engines. Septet must not run.

    The archive is checked before anything is changed.
    """
    settings = settings_of(sets, data_dir=data_dir)
    if Running.find(settings.data_dir):
        raise CommandFailed("Septet runs on this data directory. Stop it, then restore.")
    asyncio.run(_restore(settings, file, replace=replace))
    out.print("Everything is restored. Next: put the saved secrets.json into the data directory, then septet up")


async def _restore(settings: Settings, file: Path, *, replace: bool) -> None:
    from septet.engines.backup import restore as put_back  # here, since it brings the drivers

    async with engines_at_hand(settings) as urls:
        with Progress(console=err) as progress:
            await put_back(urls.postgres_admin, urls.valkey, urls.clickhouse, file, Bars(progress), replace=replace)
