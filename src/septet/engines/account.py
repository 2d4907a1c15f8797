"""The operating system's account that PostgreSQL runs as when Septet itself runs as root, which PostgreSQL refuses.

It is the account that owns the data directory already, else `septet` (created when possible), else `nobody`. It gets
the right to traverse the directories above its data, one access-control entry each, where a parent such as `/root` is
closed to it; no directory is opened to anybody else.
"""

import contextlib
import errno
import logging
import os
import pwd
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from septet.engines.errors import EngineError

ACCOUNT_NAME = "septet"
ACCESS_LIST = "system.posix_acl_access"
ACL_VERSION = 2
USER_OBJECT, USER, GROUP_OBJECT, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF

log = logging.getLogger("septet.engines")


@dataclass(frozen=True)
class Account:
    """A user id and its primary group."""

    uid: int
    gid: int

    def credentials(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that make the child run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def unprivileged_account(directory: Path) -> Account | None:
    """The account to run as, None when this process is not root and simply runs as itself."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        owner = directory.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    for name in (ACCOUNT_NAME, "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
        if name == ACCOUNT_NAME and _create_account():
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EngineError(
        "PostgreSQL does not run as root and there is no other account: "
        f"create one with `useradd --system {ACCOUNT_NAME}`, or start Septet as an ordinary user."
    )


def _create_account() -> bool:
    useradd = shutil.which("useradd")
    if useradd is None:
        return False
    arguments = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    return subprocess.run(arguments, capture_output=True, check=False).returncode == 0


def make_reachable(path: Path, account: Account) -> None:
    """Let `account` traverse every directory above `path`.

    Raises EngineError naming the directory when the file system has no access-control lists.
    """
    for parent in reversed(path.resolve().parents):
        if _may_traverse(parent, account):
            continue
        try:
            _grant_traversal(parent, account)
        except OSError as error:
            raise EngineError(
                f"PostgreSQL runs as user id {account.uid}, which may not enter {parent} ({error.strerror}). "
                f"Run `chmod o+x {parent}`, or set SEPTET_DATA_DIR to a directory that user can reach."
            ) from error
        log.warning("granted user id %d the right to traverse %s, for PostgreSQL", account.uid, parent)


def _may_traverse(directory: Path, account: Account) -> bool:
    """Whether the kernel lets `account` pass, asked by really trying it."""
    arguments = ["/bin/sh", "-c", 'cd -- "$0"', str(directory)]
    return subprocess.run(arguments, capture_output=True, cwd="/", check=False, **account.credentials()).returncode == 0


def _grant_traversal(directory: Path, account: Account) -> None:
    """Add `user:<uid>:--x` to the directory's POSIX access-control list (acl(5))."""
    entries = _read_access_list(directory)
    kept = [entry for entry in entries if entry[0] != MASK and (entry[0], entry[2]) != (USER, account.uid)]
    previous = next((rights for tag, rights, id_ in entries if (tag, id_) == (USER, account.uid)), 0)
    kept.append((USER, previous | 1, account.uid))
    mask = 0
    for tag, rights, _ in kept:
        mask |= rights if tag not in (USER_OBJECT, OTHER) else 0
    kept.append((MASK, mask, NO_ID))
    packed = struct.pack("<I", ACL_VERSION) + b"".join(
        struct.pack("<HHI", *entry) for entry in sorted(kept, key=_order)
    )
    os.setxattr(directory, ACCESS_LIST, packed)


def _read_access_list(directory: Path) -> list[tuple[int, int, int]]:
    try:
        packed = os.getxattr(directory, ACCESS_LIST)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        mode = directory.stat().st_mode
        return [(USER_OBJECT, mode >> 6 & 7, NO_ID), (GROUP_OBJECT, mode >> 3 & 7, NO_ID), (OTHER, mode & 7, NO_ID)]
    return list(struct.iter_unpack("<HHI", packed[4:]))


def _order(entry: tuple[int, int, int]) -> tuple[int, int]:
    return entry[0], entry[2]
