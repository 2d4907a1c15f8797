"""The OpenID Connect provider that people may sign in with: authorization code flow with PKCE (RFC 7636).

Authlib speaks OAuth, joserfc verifies the identity token against the provider's published keys.
"""

from dataclasses import dataclass
from typing import Any

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from septet.services.tenancy.errors import ExternalSignInRefused
from septet.services.tenancy.settings import TenancySettings

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says signed in."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as its discovery document describes it."""

    settings: TenancySettings
    document: dict[str, Any]

    @classmethod
    async def discover(cls, settings: TenancySettings) -> "Provider":
        """Raises ExternalSignInRefused when it does not answer as it must."""
        issuer = str(settings.oidc_issuer).rstrip("/")
        document = await _json("GET", f"{issuer}/.well-known/openid-configuration")
        if document.get("issuer", "").rstrip("/") != issuer:
            raise ExternalSignInRefused("The provider calls itself by another name than SEPTET_TENANCY_OIDC_ISSUER.")
        return cls(settings, document)

    def authorization_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser."""
        parameters = {
            "response_type": "code",
            "client_id": self.settings.oidc_client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(self.document["authorization_endpoint"]).copy_merge_params(parameters))

    async def identity(self, code: str, redirect_uri: str, nonce: str, verifier: str, now: int) -> Identity:
        """Exchange the code and verify the identity token. Raises ExternalSignInRefused."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        client = (self.settings.oidc_client_id, self.settings.oidc_client_secret.get_secret_value())
        tokens = await _json("POST", self.document["token_endpoint"], data=form, auth=client)
        keys = KeySet.import_key_set(await _json("GET", self.document["jwks_uri"]))  # type: ignore[arg-type]
        return self._verified(str(tokens.get("id_token", "")), keys, nonce, now)

    def _verified(self, id_token: str, keys: KeySet, nonce: str, now: int) -> Identity:
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=60,
            iss={"essential": True, "value": self.document["issuer"]},
            aud={"essential": True, "value": self.settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise ExternalSignInRefused(f"The identity token is not valid: {error}.") from error
        return Identity(
            issuer=claims["iss"],
            subject=claims["sub"],
            email=str(claims.get("email", "")).lower(),
            email_verified=claims.get("email_verified") is True,
            name=str(claims.get("name") or claims.get("email") or "")[:200],
        )


async def _json(method: str, url: str, **options: Any) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.request(method, url, **options)
            answer.raise_for_status()
            document: dict[str, Any] = answer.json()
            return document
    except (httpx.HTTPError, ValueError) as error:
        raise ExternalSignInRefused(f"The provider did not answer as it must: {error}.") from error
