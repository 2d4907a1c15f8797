"""The archive: a tar file of zstd-compressed members and, last, `manifest.json` with a checksum of each."""

import hashlib
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from septet.engines.errors import EngineError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK_BYTES = 1024 * 1024

Count = Callable[[int, int], None]


class Member:
    """A member being written: compressed and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._compressor = zstd.ZstdCompressor(level=3)
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append uncompressed data."""
        self.hash.update(data)
        self._file.write(self._compressor.compress(data))

    def finish(self) -> None:
        """No more data."""
        self._file.write(self._compressor.flush())


class ArchiveWriter:
    """Writes to a file beside the target, which replaces it in the end."""

    def __init__(self, file: Path) -> None:
        self._target = file
        self._partial = file.with_name(f"{file.name}.partial")
        self._members: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, Any] = {}

    def __enter__(self) -> Self:
        try:
            self._tar = tarfile.open(self._partial, "w")
        except OSError as error:
            raise EngineError(f"The backup cannot be written to {self._target}: {error.strerror}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as failure:
            raise EngineError(f"The backup cannot be written to {self._target}: {failure.strerror}.") from failure
        finally:
            self._partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.strerror:
            raise EngineError(f"The backup cannot be written to {self._target}: {error.strerror}.") from error

    @contextmanager
    def member(self, name: str, **facts: object) -> Iterator[Member]:
        """A new member; `facts` go to the manifest with it."""
        with tempfile.TemporaryFile(dir=self._target.parent) as spool:
            member = Member(spool)
            yield member
            member.finish()
            info = tarfile.TarInfo(f"{name}.zst")
            info.size = spool.tell()
            spool.seek(0)
            self._tar.addfile(info, spool)
        self._members[name] = {"sha256": member.hash.hexdigest(), **facts}

    def _finish(self) -> None:
        manifest = {"format": FORMAT, "septet": version("septet"), **self.facts, "members": self._members}
        with tempfile.TemporaryFile() as spool:
            spool.write(json.dumps(manifest, indent=2).encode())
            info = tarfile.TarInfo(MANIFEST)
            info.size = spool.tell()
            spool.seek(0)
            self._tar.addfile(info, spool)
        self._tar.close()
        with self._partial.open("rb") as written:
            os.fsync(written.fileno())
        self._partial.chmod(0o600)  # it holds everybody's data
        self._partial.replace(self._target)


class ArchiveReader:
    """Reads an archive; call `verify` before anything else."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> Self:
        try:
            self._tar = tarfile.open(self._file)
            source = self._tar.extractfile(MANIFEST)
            self.manifest: dict[str, Any] = json.loads(source.read() if source else b"")
            self.members: dict[str, dict[str, Any]] = self.manifest["members"]
        except (OSError, KeyError, ValueError, tarfile.TarError) as error:
            raise EngineError(f"{self._file} is not a complete backup of Septet: {error}.") from error
        if self.manifest.get("format") != FORMAT:
            raise EngineError(f"{self._file} has format {self.manifest.get('format')}; this Septet reads {FORMAT}.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tar.close()

    def verify(self, count: Count) -> None:
        """Compare every member with its checksum. Raises EngineError naming the damaged one."""
        for done, (name, facts) in enumerate(self.members.items()):
            count(done, len(self.members))
            digest = hashlib.sha256()
            try:
                for chunk in self.read(name):
                    digest.update(chunk)
            except (OSError, EOFError, KeyError, zstd.ZstdError, tarfile.TarError) as error:
                raise EngineError(f"{self._file} is damaged: {name} cannot be read ({error}).") from error
            if digest.hexdigest() != facts["sha256"]:
                raise EngineError(f"{self._file} is damaged: {name} does not match its checksum.")
        count(len(self.members), len(self.members))

    def read(self, name: str) -> Iterator[bytes]:
        """The uncompressed data of a member, in chunks of about 1 MiB."""
        source = self._tar.extractfile(f"{name}.zst")
        if source is None:
            raise KeyError(name)
        with zstd.open(source) as data:
            while chunk := data.read(CHUNK_BYTES):
                yield chunk
