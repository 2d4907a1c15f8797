"""What the children of `septet up` run; the fork server imports `septet.commands.preload` for them beforehand."""

import asyncio
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import uvloop

from septet.commands.migrate import apply_migrations
from septet.commands.terminal import fail, is_sentence
from septet.kernel.config import Settings
from septet.supervisor.supervision import ProcessRole


def serve(
    settings: Settings, roles: Sequence[str], sockets: Mapping[str, socket.socket], ready: Callable[[], None]
) -> None:
    """Serve `roles` until SIGTERM."""
    from septet.app import run_roles  # here, since the supervisor itself does without

    _told(lambda: uvloop.run(run_roles(settings, cast("Sequence[ProcessRole]", roles), ready, dict(sockets))))


def migrate(settings: Settings) -> None:
    """Bring the engines to this version's schema."""
    _told(lambda: asyncio.run(apply_migrations(settings)))


def _told(work: Callable[[], object]) -> None:
    """Do the work; what a person can mend is told as a sentence, anything else with its traceback."""
    try:
        work()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if is_sentence(error):
            fail(error)
        raise
