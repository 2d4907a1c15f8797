"""The second factor: time-based codes (RFC 6238) and recovery codes, each of which works once."""

import base64
import secrets

import pyotp
from cryptography.fernet import Fernet

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.errors import InvalidTotpCode, TotpAlreadyOn, TotpNotStarted, TotpRequired
from septet.services.tenancy.models import User
from septet.services.tenancy.store import people as store
from septet.services.tenancy.throttle import count_attempt

ISSUER = "Septet"
STEP_SECONDS = 30
TOLERATED_STEPS = (0, -1, 1)
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


async def begin(uow: UnitOfWork, user: User) -> tuple[str, str]:
    """A new secret and its `otpauth:` URI; it counts only once confirmed. Raises TotpAlreadyOn."""
    if user.totp_confirmed_at is not None:
        raise TotpAlreadyOn("Turn the second factor off first: DELETE /auth/totp.")
    secret = pyotp.random_base32()
    user.totp_secret = _cipher(uow).encrypt(secret.encode())
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


async def confirm(uow: UnitOfWork, user: User, code: str) -> list[str]:
    """Turn it on with a first code; returns recovery codes, shown only now. Raises TotpNotStarted, InvalidTotpCode."""
    if user.totp_secret is None or user.totp_confirmed_at is not None:
        raise TotpNotStarted("POST /auth/totp gives a secret to confirm.")
    attempt = await count_attempt(uow, "totp", str(user.id))
    await _use_code(uow, user, code)
    await attempt.succeeded()
    user.totp_confirmed_at = uow.now
    note(uow, user.id, "totp.turned_on")
    return await _new_recovery_codes(uow, user)


async def renew_with_code(uow: UnitOfWork, user: User, code: str) -> list[str]:
    """New recovery codes against a valid code. Raises TotpNotStarted, InvalidTotpCode, TooManyAttempts."""
    if user.totp_confirmed_at is None:
        raise TotpNotStarted("There is no second factor to recover.")
    await require(uow, user, code)
    note(uow, user.id, "totp.recovery_codes_renewed")
    return await _new_recovery_codes(uow, user)


async def _new_recovery_codes(uow: UnitOfWork, user: User) -> list[str]:
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    await store.replace_recovery_codes(uow, user.id, [_digest(uow, code) for code in codes])
    return codes


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


async def require(uow: UnitOfWork, user: User, code: str | None) -> None:
    """Let pass who has none, or gives a valid code. Raises TotpRequired, InvalidTotpCode, TooManyAttempts."""
    if user.totp_confirmed_at is None:
        return
    if not code:
        raise TotpRequired("Send `totpCode`: six digits from the app, or a recovery code.")
    attempt = await count_attempt(uow, "totp", str(user.id))
    if not await store.take_recovery_code(uow, user.id, _digest(uow, code)):
        await _use_code(uow, user, code)
    await attempt.succeeded()


async def turn_off(uow: UnitOfWork, user: User, code: str) -> None:
    """Needs a valid code. Raises TotpNotStarted, InvalidTotpCode, TooManyAttempts."""
    if user.totp_confirmed_at is None:
        raise TotpNotStarted("There is no second factor to turn off.")
    await require(uow, user, code)
    user.totp_secret = user.totp_confirmed_at = None
    await store.replace_recovery_codes(uow, user.id, [])
    note(uow, user.id, "totp.turned_off")


async def _use_code(uow: UnitOfWork, user: User, code: str) -> None:
    """Accept a code of this half minute or its neighbours, each step at most once, however close the race."""
    assert user.totp_secret is not None
    totp = pyotp.TOTP(_cipher(uow).decrypt(user.totp_secret).decode())
    now = int(uow.clock.unix()) // STEP_SECONDS
    for step in (now + tolerated for tolerated in TOLERATED_STEPS):
        if secrets.compare_digest(totp.generate_otp(step), code.replace(" ", "")):
            if await store.take_totp_step(uow, user.id, step):
                return
            break
    raise InvalidTotpCode("The code is wrong, too old, or was used already; wait for the next one.")


def _digest(uow: UnitOfWork, code: str) -> bytes:
    return uow.runtime.authenticator.digest(code.strip().lower())


def _cipher(uow: UnitOfWork) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(uow.runtime.secrets.derive("totp")))
