"""`septet migrate`: bring PostgreSQL to this version's schema."""

import asyncio

from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import CommandFailed, out
from septet.kernel.config import Settings, without_password
from septet.supervisor.engines import engines_at_hand


def migrate(data_dir: DataDir = None, sets: Sets = None) -> None:
    """Apply the migrations that PostgreSQL lacks. `septet up` does it by itself.

    With a remote PostgreSQL set SEPTET_POSTGRES_OWNER_URL, the role that owns the schema; `septet doctor` prints the
    statements that make the roles.
    """
    applied = asyncio.run(_migrate(settings_of(sets, data_dir=data_dir)))
    for revision in applied:
        out.print(f"applied {revision}", markup=False)
    out.print("PostgreSQL is up to date. Next: septet up, or septet run web,gateway,worker,provider")


async def _migrate(settings: Settings) -> list[str]:
    async with engines_at_hand(settings) as urls:
        return await apply_migrations(urls.apply_to(settings))


async def apply_migrations(settings: Settings) -> list[str]:
    """Bring the engines to this version's schema; return what was applied.

    Raises CommandFailed when PostgreSQL cannot be reached.
    """
    from septet.app import migrate  # here, since it brings all services

    try:
        return await migrate(settings)
    except OSError as error:
        url = without_password(settings.postgres_owner_url or settings.postgres_url or "")
        raise CommandFailed(
            f"PostgreSQL at {url} cannot be reached ({error}). Start it, or correct SEPTET_POSTGRES_OWNER_URL."
        ) from error
