"""Sign in with an account elsewhere (OpenID Connect): by its subject, or by an address verified on both sides."""

import secrets

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import challenges
from septet.services.tenancy.actions import email_verification
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.actions.accounts import create_user
from septet.services.tenancy.actions.sessions import LoggedIn, start_session
from septet.services.tenancy.errors import ExternalSignInOff, ExternalSignInRefused
from septet.services.tenancy.models import ExternalIdentity, User
from septet.services.tenancy.oidc import Identity, Provider
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import people as store

PURPOSE = "oidc"
CALLBACK = "/auth/oidc/callback"


async def begin(uow: UnitOfWork) -> str:
    """The URL at which the browser signs in. Raises ExternalSignInOff, ExternalSignInRefused."""
    provider = await _provider(uow)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    state = await challenges.remember(uow, PURPOSE, nonce=nonce, verifier=verifier)
    return provider.authorization_url(_redirect_uri(uow), state, nonce, verifier)


async def complete(uow: UnitOfWork, code: str, state: str) -> LoggedIn:
    """Log in who came back with a code. Raises ExternalSignInOff, ExternalSignInRefused."""
    provider = await _provider(uow)
    remembered = await challenges.take(uow, PURPOSE, state)
    if remembered is None:
        raise ExternalSignInRefused("The sign-in was completed or is too old; begin again at /auth/oidc/start.")
    identity = await provider.identity(
        code, _redirect_uri(uow), remembered["nonce"], remembered["verifier"], int(uow.clock.unix())
    )
    return await start_session(uow, await _user_of(uow, identity), "oidc")


async def _provider(uow: UnitOfWork) -> Provider:
    settings = uow.settings(TenancySettings)
    if settings.oidc_issuer is None:
        raise ExternalSignInOff("Set SEPTET_TENANCY_OIDC_ISSUER, _OIDC_CLIENT_ID and _OIDC_CLIENT_SECRET.")
    return await Provider.discover(settings)


def _redirect_uri(uow: UnitOfWork) -> str:
    return uow.runtime.settings.public_url.rstrip("/") + CALLBACK


async def _user_of(uow: UnitOfWork, identity: Identity) -> User:
    known = await store.external_identity(uow, identity.issuer, identity.subject)
    if known is not None:
        user = await store.user(uow, known.user_id)
        assert user is not None, "an identity goes with its user"
        return user
    if not identity.email or not identity.email_verified:
        raise ExternalSignInRefused("The provider has not verified an e-mail address of this account.")
    user = await _with_address(uow, identity)
    await store.add(
        uow,
        ExternalIdentity(issuer=identity.issuer, subject=identity.subject, user_id=user.id, created_at=uow.now),
    )
    note(uow, user.id, "external_identity.linked", issuer=identity.issuer)
    return user


async def _with_address(uow: UnitOfWork, identity: Identity) -> User:
    """Whose address it is here. An account that never proved it could be an impostor's: it is not handed over."""
    user = await store.user_with_email(uow, identity.email)
    if user is None:
        user = await create_user(uow, identity.email, identity.name, "en", None)
        await email_verification.confirm(uow, user)
    elif user.email_verified_at is None:
        raise ExternalSignInRefused("An account here has this address without having proven it; reset its password.")
    return user
