"""Passwords of links: argon2id, in threads of its own so that the event loop never waits."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's parameters for argon2id.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="links-argon2")


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def password_fits(stored: str, password: str) -> bool:
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.verify, stored, password)
    except (VerificationError, InvalidHashError):
        return False
