"""Secrets, generated on first start into `secrets.json` (mode 0600) of the data directory or set as `SEPTET_SECRET_…`.

Processes on several machines must share them: set `SEPTET_SECRET_SESSION_PEPPER` and so on there, to the same values.
"""

import base64
import binascii
import dataclasses
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from septet.kernel.config import SECRET_PREFIX, ConfigurationError

LENGTH = 32  # bytes


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What nobody else may know; each is 32 random bytes, written as URL-safe base64."""

    session_pepper: bytes
    signing_key: bytes
    encryption_key: bytes

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """Read the secrets, generating those that neither the environment nor the file holds.

        Raises ConfigurationError for one that cannot be used.
        """
        environment = {name: os.environ.get(_variable(name), "") for name in _names()}
        _refuse_unknown()
        found = {name: _decoded(_variable(name), text) for name, text in environment.items() if text}
        if len(found) < len(_names()):
            found = _stored(data_dir / "secrets.json") | found
        return cls(**found)

    def derive(self, purpose: str, length: int = LENGTH) -> bytes:
        """Derive a key of `length` bytes for one purpose (HKDF-SHA256, RFC 5869); equal purposes give equal keys."""
        return HKDF(SHA256(), length=length, salt=None, info=f"septet {purpose}".encode()).derive(self.signing_key)


def _names() -> list[str]:
    return [field.name for field in dataclasses.fields(Secrets)]


def _variable(name: str) -> str:
    return f"{SECRET_PREFIX}{name.upper()}"


def _refuse_unknown() -> None:
    known = {_variable(name) for name in _names()}
    unknown = sorted(name for name in os.environ if name.startswith(SECRET_PREFIX) and name not in known)
    if unknown:
        raise ConfigurationError([f"{name} is not a secret; there are {', '.join(sorted(known))}." for name in unknown])


def _decoded(origin: str, text: str) -> bytes:
    try:
        value = base64.urlsafe_b64decode(text.translate(str.maketrans("+/", "-_")) + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        value = b""
    if len(value) < LENGTH:
        raise ConfigurationError(
            [f"{origin} must be {LENGTH} or more random bytes in URL-safe base64: `openssl rand -base64 32`."]
        )
    return value


def _stored(path: Path) -> dict[str, bytes]:
    """Read the file; a first start, and a release that knows one secret more, write it first."""
    with _alone(path.parent):
        texts = _read(path)
        missing = [name for name in _names() if name not in texts]
        if missing:
            texts |= {name: base64.urlsafe_b64encode(secrets.token_bytes(LENGTH)).decode() for name in missing}
            _write(path, texts)
    return {name: _decoded(f"{path}: {name}", texts[name]) for name in _names()}


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one process at a time in, so that all that start at once end with the same secrets."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, str]:
    try:
        texts = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"{path} cannot be read ({error}); restore it from a backup."]) from error
    if not isinstance(texts, dict):
        raise ConfigurationError([f"{path} must hold one JSON object; restore it from a backup."])
    return texts


def _write(path: Path, texts: dict[str, str]) -> None:
    """Write whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(texts, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
