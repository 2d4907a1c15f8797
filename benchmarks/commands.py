"""`septet COMMAND` in a process of its own, forked from a server that has imported all of Septet once.

An operator's command takes seconds for its imports alone; who runs twenty need not wait for them twenty times.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["septet.app"])


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run it to its end. Raises subprocess.TimeoutExpired, having killed it, after `seconds`."""
    with tempfile.TemporaryDirectory() as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        process = _forking.Process(target=_command, args=(arguments, dict(environment), out, err))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["septet", *arguments], seconds, out.read_bytes(), err.read_bytes())
        return subprocess.CompletedProcess(["septet", *arguments], process.exitcode, out.read_text(), err.read_text())


def _command(arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
    """In the child: what a shell does before the command's first line."""
    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((out, 1), (err, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.argv = ["septet", *arguments]
    from septet.__main__ import main  # here: it looks where its output goes

    main()
