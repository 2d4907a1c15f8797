"""What commands print: results to standard output, everything about them to standard error."""

import os
import sys
import traceback
from typing import NoReturn

from rich.console import Console

from septet.engines.errors import EngineError
from septet.kernel.config import ConfigurationError
from septet.kernel.errors import Problem
from septet.supervisor.directory import DirectoryInUse
from septet.supervisor.role import RoleFailed
from septet.supervisor.supervision import MigrationFailed

WIDTH_IN_FILES = 160  # characters

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_IN_FILES)
err = Console(stderr=True, highlight=False)


class CommandFailed(Exception):
    """A command cannot do what it was asked; the message says why and what to do."""


def is_sentence(error: BaseException) -> bool:
    """Tell whether the error's message was written for the person at the terminal."""
    known = (CommandFailed, ConfigurationError, DirectoryInUse, EngineError, MigrationFailed, Problem, RoleFailed)
    return isinstance(error, known)


def fail(message: object, *, show_traceback: BaseException | None = None) -> NoReturn:
    """Print the message and end with status 1; the traceback only where the log level is `debug`."""
    for line in str(message).splitlines():
        err.print(line, style="red", markup=False, soft_wrap=True)
    if show_traceback is not None and os.environ.get("SEPTET_LOG_LEVEL", "").lower() == "debug":
        traceback.print_exception(show_traceback)
    sys.exit(1)
