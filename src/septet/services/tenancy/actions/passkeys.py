"""Passkeys (WebAuthn): registered by their owner, then enough to log in with.

A passkey is something one has and, since the authenticator verifies its user, something one is or knows: no further
factor is asked. The relying party is the host of `SEPTET_PUBLIC_URL`.
"""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import challenges
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.actions.accounts import own_user
from septet.services.tenancy.actions.sessions import LoggedIn, require_user, start_session
from septet.services.tenancy.errors import PasskeyNotFound, PasskeyRefused
from septet.services.tenancy.models import Passkey
from septet.services.tenancy.store import people as store

RELYING_PARTY = "Septet"
REGISTER, LOG_IN = "passkey-register", "passkey-login"


async def registration_options(uow: UnitOfWork) -> tuple[str, dict[str, Any]]:
    """The handle, and what to ask the browser to create."""
    user = await own_user(uow)
    known = [PublicKeyCredentialDescriptor(id=p.credential_id) for p in await store.passkeys(uow, user.id)]
    options = generate_registration_options(
        rp_id=_host(uow),
        rp_name=RELYING_PARTY,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    challenge = bytes_to_base64url(options.challenge)
    handle = await challenges.remember(uow, REGISTER, challenge=challenge, user=str(user.id))
    return handle, json.loads(options_to_json(options))


async def register(uow: UnitOfWork, handle: str, credential: dict[str, Any], name: str) -> Passkey:
    """Raises PasskeyRefused."""
    user_id = require_user(uow)
    remembered = await challenges.take(uow, REGISTER, handle)
    if remembered is None or remembered["user"] != str(user_id):
        raise PasskeyRefused("The challenge was used or is too old; ask for new options.")
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(remembered["challenge"]),
            expected_rp_id=_host(uow),
            expected_origin=_origin(uow),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        raise PasskeyRefused(str(error)) from error
    if await store.passkey_with_credential(uow, verified.credential_id) is not None:
        raise PasskeyRefused("This passkey is registered already.")
    passkey = Passkey(
        id=uow.new_id(),
        user_id=user_id,
        name=name,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        created_at=uow.now,
    )
    await store.add(uow, passkey)
    note(uow, user_id, "passkey.registered", name=name)
    return passkey


async def login_options(uow: UnitOfWork) -> tuple[str, dict[str, Any]]:
    """The handle, and what to ask the browser for: any passkey of this site, so that no address need be told."""
    options = generate_authentication_options(rp_id=_host(uow), user_verification=UserVerificationRequirement.REQUIRED)
    handle = await challenges.remember(uow, LOG_IN, challenge=bytes_to_base64url(options.challenge))
    return handle, json.loads(options_to_json(options))


async def log_in(uow: UnitOfWork, handle: str, credential: dict[str, Any]) -> LoggedIn:
    """Raises PasskeyRefused, also when the signature counter went back (a copied authenticator)."""
    remembered = await challenges.take(uow, LOG_IN, handle)
    if remembered is None:
        raise PasskeyRefused("The challenge was used or is too old; ask for new options.")
    passkey = await _named_by(uow, credential)
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(remembered["challenge"]),
            expected_rp_id=_host(uow),
            expected_origin=_origin(uow),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        raise PasskeyRefused(str(error)) from error
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, uow.now
    user = await store.user(uow, passkey.user_id)
    assert user is not None, "a passkey goes with its user"
    return await start_session(uow, user, "passkey")


async def _named_by(uow: UnitOfWork, credential: dict[str, Any]) -> Passkey:
    try:
        credential_id = base64url_to_bytes(credential["rawId"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise PasskeyRefused("`credential.rawId` must be the passkey's id in base64url.") from None
    passkey = await store.passkey_with_credential(uow, credential_id)
    if passkey is None:
        raise PasskeyRefused("No account has this passkey.")
    return passkey


async def remove(uow: UnitOfWork, passkey_id: UUID) -> None:
    """Raises PasskeyNotFound."""
    user_id = require_user(uow)
    if not await store.remove_passkey(uow, user_id, passkey_id):
        raise PasskeyNotFound("You have no such passkey; GET /auth/passkeys lists yours.")
    note(uow, user_id, "passkey.removed")


def _host(uow: UnitOfWork) -> str:
    return urlsplit(uow.runtime.settings.public_url).hostname or "localhost"


def _origin(uow: UnitOfWork) -> str:
    return uow.runtime.settings.public_url.rstrip("/")
