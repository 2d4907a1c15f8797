"""The data directory belongs to one supervisor at a time.

The claim is a `flock`, which ends with its process: after `kill -9` nothing stale remains. What runs is written to
`run.json`, so that `septet backup` and its like reach the engines of a running Septet; it counts only while claimed.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from septet.kernel.config import Settings


class DirectoryInUse(Exception):
    """Another process has the data directory."""

    def __init__(self, data_dir: Path, pid: str) -> None:
        super().__init__(
            f"{data_dir} is in use by process {pid or 'unknown'}. Stop that one (kill {pid or 'PID'}), "
            "or choose another directory with --data-dir."
        )


@dataclass(frozen=True, slots=True)
class EngineUrls:
    """Where the engines answer. `postgres_owner` migrates; `postgres_admin` sees all rows, for backup and restore."""

    postgres: str
    postgres_owner: str
    postgres_admin: str
    valkey: str
    clickhouse: str

    def apply_to(self, settings: Settings) -> Settings:
        """Return the settings with these URLs."""
        return settings.model_copy(
            update={
                "postgres_url": self.postgres,
                "postgres_owner_url": self.postgres_owner,
                "valkey_url": self.valkey,
                "clickhouse_url": self.clickhouse,
            }
        )


@dataclass(frozen=True, slots=True)
class Running:
    """What a running supervisor tells about itself."""

    pid: int
    engines: EngineUrls

    @classmethod
    def find(cls, data_dir: Path) -> Self | None:
        """Return what runs on `data_dir`; None when nothing does, or when it is not ready yet."""
        if not (data_dir / "run.json").exists():
            return None
        try:
            with claim(data_dir):
                return None
        except DirectoryInUse:
            pass
        try:
            state = json.loads((data_dir / "run.json").read_text())
            return cls(state["pid"], EngineUrls(**state["engines"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, data_dir: Path) -> None:
        """Publish it, readable by the owner alone: URLs hold passwords."""
        temporary = data_dir / ".run.json"
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file)
        temporary.replace(data_dir / "run.json")


@contextmanager
def claim(data_dir: Path) -> Iterator[None]:
    """Have the data directory, created when absent, for the length of the block.

    Raises DirectoryInUse at once when another process has it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(data_dir, os.pread(lock, 20, 0).decode(errors="replace").strip()) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        (data_dir / "run.json").unlink(missing_ok=True)
        yield
        (data_dir / "run.json").unlink(missing_ok=True)
    finally:
        os.close(lock)
