"""One archive of all three engines, and back, through their URLs, so that embedded and remote ones are served alike.

Septet may run while it is backed up. The order is what makes the archive whole: work flows from PostgreSQL (events and
jobs, in the transaction that caused them) to Valkey (queues) to ClickHouse, each step at least once with the receiver
dropping what it has by id. So the source is read before its sink, PostgreSQL, Valkey, ClickHouse: what moves on while
the backup runs is in both, and is dropped as known after a restore; in the other order it could be in neither. What
was acknowledged after the backup began may be missing, as in any backup.

Restoring expects that Septet does not run.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from septet.engines.backup.archive import ArchiveReader, ArchiveWriter
from septet.engines.backup.clickhouse import ClickHouseData
from septet.engines.backup.postgres import PostgresData
from septet.engines.backup.valkey import ValkeyData
from septet.engines.errors import EngineError

Progress = Callable[[str, int, int], None]


class Store(Protocol):
    """One engine's data."""

    async def is_empty(self) -> bool: ...

    async def clear(self) -> None: ...


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


async def backup(
    postgres_url: str, valkey_url: str, clickhouse_url: str, file: Path, progress: Progress = _silent
) -> None:
    """Write everything to `file`, which appears complete or not at all.

    `postgres_url` must name a role that row-level security does not hide rows from (superuser or BYPASSRLS).
    `progress(stage, done, total)` counts tables, keys and rows. Raises EngineError.
    """
    postgres, valkey, clickhouse = PostgresData(postgres_url), ValkeyData(valkey_url), ClickHouseData(clickhouse_url)
    try:
        with ArchiveWriter(file) as archive:
            await postgres.dump(archive, lambda done, total: progress("postgres", done, total))
            await valkey.dump(archive, lambda done, total: progress("valkey", done, total))
            await clickhouse.dump(archive, lambda done, total: progress("clickhouse", done, total))
    finally:
        await valkey.close()
        await clickhouse.close()


async def restore(
    postgres_url: str,
    valkey_url: str,
    clickhouse_url: str,
    file: Path,
    progress: Progress = _silent,
    *,
    replace: bool = False,
) -> None:
    """Bring everything in `file` into the three engines.

    The archive is verified first; nothing is touched when it is damaged, or when an engine holds data already and
    `replace` does not say to drop that. `postgres_url` must name the owner of the database or a superuser.
    Raises EngineError.
    """
    postgres, valkey, clickhouse = PostgresData(postgres_url), ValkeyData(valkey_url), ClickHouseData(clickhouse_url)
    try:
        with ArchiveReader(file) as archive:
            archive.verify(lambda done, total: progress("verify", done, total))
            stores: dict[str, Store] = {"PostgreSQL": postgres, "Valkey": valkey, "ClickHouse": clickhouse}
            occupied = [name for name, store in stores.items() if not await store.is_empty()]
            if occupied and not replace:
                names = " and ".join(occupied)
                raise EngineError(
                    f"There is data in {names} already. Restore into empty engines, or drop it with --replace."
                )
            for store in stores.values():
                await store.clear()
            await postgres.load(archive, lambda done, total: progress("postgres", done, total))
            await valkey.load(archive, lambda done, total: progress("valkey", done, total))
            await clickhouse.load(archive, lambda done, total: progress("clickhouse", done, total))
    finally:
        await valkey.close()
        await clickhouse.close()
