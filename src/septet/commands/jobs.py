"""`septet jobs`: those that failed for good, and another try for them."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import CommandFailed, out
from septet.kernel.config import Settings
from septet.supervisor.engines import engines_at_hand

if TYPE_CHECKING:
    from septet.kernel.jobs import DeadLetter


def jobs(
    retry: Annotated[list[int] | None, typer.Option(metavar="ID", help="Try this job again; repeatable.")] = None,
    retry_all: Annotated[bool, typer.Option("--retry-all", help="Try all listed jobs again.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Number of jobs to list, newest first.")] = 100,
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """List the jobs that used up their attempts, with their last error; give them all their attempts again."""
    settings = settings_of(sets, data_dir=data_dir)
    failed, retried = asyncio.run(_list_and_retry(settings, set(retry or ()), retry_all, limit))
    if retried:
        out.print(f"{len(retried)} to be tried again: {', '.join(map(str, retried))}. Next: septet jobs, in a while")
    elif failed:
        out.print(_table(failed))
        out.print(f"\nNext: septet jobs --retry {failed[0].id}, or --retry-all")
    else:
        out.print("No job has failed for good.")


async def _list_and_retry(
    settings: Settings, wanted: set[int], everything: bool, limit: int
) -> tuple[list["DeadLetter"], list[int]]:
    from septet.kernel.jobs import dead_letters, retry_dead_letters  # here, since it brings the drivers
    from septet.kernel.postgres import Postgres

    async with engines_at_hand(settings) as urls, Postgres(urls.postgres).dedicated_connection() as connection:
        failed = await dead_letters(connection, limit)
        ids = [letter.id for letter in failed if everything or letter.id in wanted]
        if missing := wanted - set(ids):
            raise CommandFailed(f"No failed job has the id {min(missing)}; `septet jobs` lists them (see --limit).")
        if ids:
            await retry_dead_letters(connection, ids)
        return failed, ids


def _table(failed: list["DeadLetter"]) -> Table:
    table = Table("id", "job", "since", "attempts", "last error", box=None, header_style="bold", pad_edge=False)
    for letter in failed:
        since = f"{letter.created_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(letter.id), letter.handler, since, str(letter.attempts), letter.error)
    return table
