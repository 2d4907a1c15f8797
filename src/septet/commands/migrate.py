"""`septet migrate`: bring PostgreSQL to this version's schema."""

import asyncio

from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import out
from septet.kernel.config import Settings
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
    from septet.app import migrate  # here, since it brings all services

    async with engines_at_hand(settings) as urls:
        return await migrate(urls.apply_to(settings))
