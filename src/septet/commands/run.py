"""`septet run ROLE`: one or several roles in this process, for systemd, Kubernetes and for `septet up` itself."""

import socket
from typing import Annotated

import typer

from septet.commands.roles import serve
from septet.commands.startup import DataDir, Sets, settings_of
from septet.commands.terminal import CommandFailed, err
from septet.kernel.config import Settings
from septet.supervisor.engines import engines_of_running
from septet.supervisor.ports import listen
from septet.supervisor.supervision import ROLES, ProcessRole


def run(
    roles: Annotated[str, typer.Argument(help=f"Roles, separated by commas: {', '.join(ROLES)}.", show_default=False)],
    services: Annotated[
        str | None, typer.Option(help="Services to run, separated by commas [default: all]", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    sets: Sets = None,
) -> None:
    """Run roles alone, against engines that run already.

    The engines are those of SEPTET_POSTGRES_URL, SEPTET_VALKEY_URL and SEPTET_CLICKHOUSE_URL, or of the `septet up`
    that runs on the data directory. SIGTERM lets requests and jobs in flight finish. Run `septet migrate` before.
    """
    settings = engines_of_running(settings_of(sets, services=services, data_dir=data_dir))
    chosen = _chosen(roles)
    listening = listen(settings, chosen)

    def ready() -> None:
        serving = _addresses(settings, listening) or ", ".join(chosen)
        err.print(f"Serving {serving}. Ctrl-C or SIGTERM stops.", markup=False)

    serve(settings, chosen, listening, ready)


def _chosen(roles: str) -> list[ProcessRole]:
    names = [name.strip() for name in roles.split(",") if name.strip()]
    for name in names:
        if name not in ROLES:
            raise CommandFailed(f"There is no role {name!r}; there are {', '.join(ROLES)}.")
    if not names:
        raise CommandFailed(f"Name at least one role of {', '.join(ROLES)}.")
    return [role for role in ROLES if role in names]


def _addresses(settings: Settings, listening: dict[str, socket.socket]) -> str:
    return ", ".join(f"{name} on {settings.host}:{getattr(settings, f'{name}_port')}" for name in listening)
