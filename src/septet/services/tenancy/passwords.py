"""Password hashing: argon2id with OWASP's parameters, in threads of its own so that the event loop never waits.

An unknown address costs as much as a wrong password: it is compared with a decoy.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from septet.services.tenancy.errors import WeakPassword
from septet.services.tenancy.settings import TenancySettings

R = TypeVar("R")

SHORTEST, LONGEST = 8, 128
_DECOY_PASSWORD = "no account has this password"  # noqa: S105 - compared with nothing but itself
_threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="argon2")


async def hash_password(password: str, settings: TenancySettings) -> str:
    """Raises WeakPassword (422) when it is shorter than 8 characters, longer than 128, or a well-known one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password has {SHORTEST} to {LONGEST} characters; 12 or more are advised.")
    return await _in_thread(_hasher(settings).hash, password)


async def verify_password(stored: str | None, password: str, settings: TenancySettings) -> bool:
    """Whether the password fits; takes the same time when there is no stored hash."""
    hasher = _hasher(settings)
    try:
        await _in_thread(hasher.verify, stored or await _decoy(settings), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str, settings: TenancySettings) -> bool:
    """Whether the hash was made with other parameters than are set now."""
    return _hasher(settings).check_needs_rehash(stored)


@cache
def _hasher(settings: TenancySettings) -> PasswordHasher:
    return PasswordHasher(settings.argon2_iterations, settings.argon2_memory_kib, parallelism=1)


_decoys: dict[TenancySettings, str] = {}


async def _decoy(settings: TenancySettings) -> str:
    if settings not in _decoys:
        _decoys[settings] = await _in_thread(_hasher(settings).hash, _DECOY_PASSWORD)
    return _decoys[settings]


async def _in_thread(function: Callable[..., R], *arguments: str) -> R:
    return await asyncio.get_running_loop().run_in_executor(_threads, function, *arguments)
