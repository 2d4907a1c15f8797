"""How often one may guess: attempts counted by account and by IP address, in windows of 15 minutes, in Valkey.

An attempt is counted before it is judged, so that parallel guesses cannot slip past; success takes the count back.
Windows follow our clock.
"""

import hashlib
from dataclasses import dataclass

from septet.kernel.uow import UnitOfWork
from septet.kernel.valkey import key
from septet.services.tenancy.errors import TooManyAttempts
from septet.services.tenancy.settings import TenancySettings

WINDOW_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt at something."""

    uow: UnitOfWork
    account_key: str
    address_key: str

    async def succeeded(self) -> None:
        """Forget the account's failures and do not count this one for the address."""
        await self.uow.runtime.valkey.client.delete(self.account_key)
        await self.uow.runtime.valkey.client.decr(self.address_key)


async def count_attempt(uow: UnitOfWork, purpose: str, account: str) -> Attempt:
    """Count an attempt at `purpose` on `account`. Raises TooManyAttempts (429)."""
    settings = uow.settings(TenancySettings)
    window = int(uow.clock.unix() // WINDOW_SECONDS)
    attempt = Attempt(uow, _key(purpose, "account", account, window), _key(purpose, "address", uow.address, window))
    if (
        await _count(uow, attempt.account_key) > settings.attempts_per_account
        or await _count(uow, attempt.address_key) > settings.attempts_per_address
    ):
        wait = int((window + 1) * WINDOW_SECONDS - uow.clock.unix()) + 1
        raise TooManyAttempts(f"Try again in {wait} seconds.", headers={"Retry-After": str(wait)})
    return attempt


def _key(purpose: str, kind: str, whom: str, window: int) -> str:
    digest = hashlib.blake2b(whom.encode(), digest_size=16).hexdigest()
    return key("public", "tenancy", "attempts", purpose, kind, digest, window)


async def _count(uow: UnitOfWork, counter: str) -> int:
    counted = int(await uow.runtime.valkey.client.incr(counter))
    if counted == 1:
        await uow.runtime.valkey.client.expire(counter, 2 * WINDOW_SECONDS)
    return counted
