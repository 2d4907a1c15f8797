"""Where a server's unix socket lives: beside its data, or in the temporary directory when that path is too long."""

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from septet.engines.account import Account
from septet.engines.errors import EngineError

PATH_LIMIT_BYTES = 100  # the kernel's limit is 107 on Linux, 103 on macOS; clients may append a suffix


def socket_directory(directory: Path, socket_name: str) -> Path:
    """The directory for the socket `socket_name`, short enough to be bound; it need not exist yet."""
    beside = directory / "run"
    if len(os.fsencode(beside / socket_name)) <= PATH_LIMIT_BYTES:
        return beside
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"septet-{digest}"


def create_private(path: Path, account: Account | None = None) -> None:
    """Create `path` when absent, for `account` (or this process's user) alone.

    Raises EngineError when it is there already and belongs to somebody else.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    owners = {os.geteuid(), account.uid if account else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise EngineError(f"{path} belongs to somebody else (user id {found.st_uid}). Remove it, or set TMPDIR.")
    path.chmod(0o700)
    if account:
        os.chown(path, account.uid, account.gid)


def discard(path: Path) -> None:
    """Remove a directory that `create_private` made, unless something is still in it."""
    with contextlib.suppress(OSError):
        path.rmdir()
