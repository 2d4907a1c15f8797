"""Password hashing: argon2id with OWASP's parameters, in threads of its own so that the event loop never waits.

An unknown address costs as much as a wrong password: it is compared with a decoy. Passwords that are guessed within the
first ten thousand tries (zxcvbn) are refused with a hint; there are no rules of composition.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from septet.services.tenancy.errors import WeakPassword
from septet.services.tenancy.settings import TenancySettings

P = ParamSpec("P")
R = TypeVar("R")

SHORTEST, LONGEST = 8, 128
FEWEST_GUESSES = 10_000
_DECOY_PASSWORD = "no account has this password"  # noqa: S105 - compared with nothing but itself
_threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="argon2")


async def hash_password(password: str, settings: TenancySettings, *about: str) -> str:
    """Raises WeakPassword (422) when it is shorter than 8 characters, longer than 128, or easy to guess.

    `about`: what an attacker knows of the person (address, name).
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password has {SHORTEST} to {LONGEST} characters; 12 or more are advised.")
    if hint := await _in_thread(_weakness, password, about):
        raise WeakPassword(hint)
    return await _in_thread(_hasher(settings).hash, password)


def _weakness(password: str, about: tuple[str, ...]) -> str | None:
    known = [part for text in about for part in (text, text.partition("@")[0]) if part]
    found = zxcvbn(password, user_inputs=known, max_length=LONGEST)  # type: ignore[no-untyped-call]
    if found["guesses"] >= FEWEST_GUESSES:
        return None
    advice = found["feedback"]
    return " ".join([advice["warning"] or "This is easy to guess.", *advice["suggestions"]])


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


async def _in_thread(function: Callable[P, R], *arguments: P.args, **options: P.kwargs) -> R:
    return await asyncio.get_running_loop().run_in_executor(_threads, lambda: function(*arguments, **options))
