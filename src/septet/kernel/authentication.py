"""From a bearer token to an `Actor`, cached in Valkey, revoked at once.

A revocation puts a mark in the place of the cached entry *before* the transaction that revokes commits, and another
after it. While the first stands, PostgreSQL is asked and nothing is cached; who found the second, or nothing, before
they asked PostgreSQL may put in what they read, if they still find the same. So no request that starts after the
commit can see the old answer. The first mark names all revocations under way, and outlives any transaction, as that of
a process which died. Each is also announced on the broadcast bus, for processes that keep what they verified (see
`kernel.api_keys`).
"""

import asyncio
import hashlib
import hmac
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from septet.kernel.errors import BadParameter, EngineUnavailable, Forbidden, StorageFull, Unauthenticated
from septet.kernel.identity import SESSION_PREFIX, Actor, Role, Standing, tenant_of_api_key

if TYPE_CHECKING:
    from septet.kernel.runtime import Runtime
    from septet.kernel.uow import UnitOfWork

T = TypeVar("T")

CACHE_SECONDS = 60
MARK_SECONDS = 30
REVOKED_CHANNEL = "revoked"
API_KEY_MARK = ":apikey:"
_REVOKING, _REVOKED = b"-", b"+"
_NOTHING = b""

_BEGIN = """local found = redis.call('GET', KEYS[1]) or ''
if string.sub(found, 1, 1) ~= '-' then found = '-' end
redis.call('SET', KEYS[1], found .. ARGV[1], 'EX', ARGV[2])"""

_END = """local found = redis.call('GET', KEYS[1]) or ''
local others = ''
if string.sub(found, 1, 1) == '-' then others = string.gsub(string.sub(found, 2), ARGV[1], '') end
redis.call('SET', KEYS[1], others == '' and '+' .. ARGV[1] or '-' .. others, 'EX', ARGV[2])"""

_FILL = """if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end"""


@dataclass(frozen=True, slots=True)
class SessionIdentity:
    """What a valid session says; `only_organization` if there is but one. Times in seconds since 1970.

    `looked_up_at` is when its use was last noted; a minute later, by our clock, it is looked up again.
    """

    session_id: UUID
    user_id: UUID
    email: str
    name: str
    locale: str
    expires_at: float
    only_organization: UUID | None
    looked_up_at: float


@dataclass(frozen=True, slots=True)
class ApiKeyIdentity:
    """What a valid API key says; `expires_at` in seconds since 1970, None for never."""

    key_id: UUID
    tenant_id: UUID
    name: str
    role: Role
    scopes: frozenset[str]
    expires_at: float | None
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A member of an organization, as other services may know them."""

    user_id: UUID
    email: str
    name: str
    locale: str


class Credentials(Protocol):
    """The service that keeps users and keys; the composition root hands it to the kernel."""

    async def session(self, uow: "UnitOfWork", digest: bytes) -> SessionIdentity | None:
        """The valid session with this token digest; notes that it was used."""

    async def api_key(self, uow: "UnitOfWork", tenant_id: UUID, digest: bytes) -> ApiKeyIdentity | None:
        """The valid API key of this tenant with this digest; notes that it was used."""

    async def standing(self, uow: "UnitOfWork", tenant_id: UUID, user_id: UUID) -> Standing | None:
        """The user's standing in the organization, None when they are no member."""

    async def people(self, uow: "UnitOfWork", user_ids: Collection[UUID]) -> list[Person]:
        """Those of the users who are members of the unit of work's organization."""


_SESSION = TypeAdapter(SessionIdentity)
_API_KEY = TypeAdapter(ApiKeyIdentity)
_STANDING: TypeAdapter[Standing | None] = TypeAdapter(Standing | None)


class Authenticator:
    """Verifies tokens. One per process."""

    def __init__(self, runtime: "Runtime", credentials: Credentials) -> None:
        self._runtime = runtime
        self._credentials = credentials

    def digest(self, token: str) -> bytes:
        """What is stored instead of a token: HMAC-SHA256 with the installation's pepper."""
        return hmac.digest(self._runtime.secrets.session_pepper, token.encode(), hashlib.sha256)

    async def authenticate(self, uow: "UnitOfWork", token: str, organization: str | None) -> Actor:
        """The actor behind a bearer token; `organization` is the header by which a user with several picks one.

        Raises Unauthenticated, Forbidden (not a member), BadParameter (the header is no id).
        """
        if token.startswith(SESSION_PREFIX):
            return await self._user(uow, token, organization)
        if (tenant_id := tenant_of_api_key(token)) is not None:
            return await self._api_key(uow, tenant_id, token, organization)
        raise Unauthenticated("This is neither a session token nor an API key of Septet.")

    async def known_user(self, token: str, organization: str | None) -> Actor | None:
        """The actor behind a session token, as far as Valkey knows; None: `authenticate` must find out, or refuse.

        For hot paths, which open no unit of work. Raises BadParameter (the header is no id), EngineUnavailable.
        """
        session = _entry(await self._found(session_cache_key(self.digest(token))), _SESSION)
        if session is None or self._is_to_be_looked_up(session) or session.expires_at <= self._runtime.clock.unix():
            return None
        tenant_id = _organization_id(organization) or session.only_organization
        if tenant_id is None:
            return _user_actor(session, None, None)
        standing = _entry(await self._found(role_cache_key(tenant_id, session.user_id)), _STANDING)
        return _user_actor(session, tenant_id, standing) if standing else None

    async def _user(self, uow: "UnitOfWork", token: str, organization: str | None) -> Actor:
        digest = self.digest(token)
        key = session_cache_key(digest)
        found = await self._found(key)
        session = _entry(found, _SESSION)
        if session is None or self._is_to_be_looked_up(session):
            session = await self._credentials.session(uow, digest)
            if session is None:
                raise Unauthenticated("The session is unknown, revoked or expired; log in again.")
            await self._fill(key, found, _SESSION.dump_json(session))
        if session.expires_at <= self._runtime.clock.unix():
            raise Unauthenticated("The session has expired; log in again.")
        tenant_id = _organization_id(organization) or session.only_organization
        standing = await self._standing(uow, tenant_id, session.user_id) if tenant_id else None
        if organization and standing is None:
            raise Forbidden("You are not a member of the organization that `Septet-Organization` names.")
        return _user_actor(session, tenant_id, standing)

    def _is_to_be_looked_up(self, session: SessionIdentity) -> bool:
        """Whether it is time to note again that the session is in use."""
        return session.looked_up_at + CACHE_SECONDS <= self._runtime.clock.unix()

    async def switch(self, uow: "UnitOfWork", tenant_id: UUID) -> bool:
        """Go on for another organization of the acting user; False when they do not belong to it."""
        if uow.actor.user_id is None:
            return False
        standing = await self._standing(uow, tenant_id, uow.actor.user_id)
        if standing is None:
            return False
        role, restricted = standing.role, standing.restricted
        await uow.become(replace(uow.actor, tenant_id=tenant_id, role=role, restricted=restricted))
        return True

    async def people(self, uow: "UnitOfWork", user_ids: Collection[UUID]) -> dict[UUID, Person]:
        """Those of the users who are members of the unit of work's organization, by id."""
        return {person.user_id: person for person in await self._credentials.people(uow, user_ids)}

    async def _standing(self, uow: "UnitOfWork", tenant_id: UUID, user_id: UUID) -> Standing | None:
        key = role_cache_key(tenant_id, user_id)
        found = await self._found(key)
        if _is_entry(found):
            return _STANDING.validate_json(found)
        standing = await self._credentials.standing(uow, tenant_id, user_id)
        await self._fill(key, found, _STANDING.dump_json(standing))
        return standing

    async def _api_key(self, uow: "UnitOfWork", tenant_id: UUID, token: str, organization: str | None) -> Actor:
        found = await self.api_key(uow, tenant_id, self.digest(token))
        if organization and _organization_id(organization) != found.tenant_id:
            raise Forbidden("This API key belongs to another organization than `Septet-Organization` names.")
        return Actor(
            kind="api_key",
            id=found.key_id,
            tenant_id=found.tenant_id,
            role=found.role,
            restricted=found.restricted,
            scopes=found.scopes,
            name=found.name,
        )

    async def api_key(self, uow: "UnitOfWork", tenant_id: UUID, digest: bytes) -> ApiKeyIdentity:
        """The valid API key of this tenant with this digest, from Valkey where it is cached. Raises Unauthenticated."""
        key = api_key_cache_key(tenant_id, digest)
        found = await self._found(key)
        identity = _entry(found, _API_KEY)
        if identity is None:
            identity = await self.stored_api_key(uow, tenant_id, digest)
            await self._fill(key, found, _API_KEY.dump_json(identity))
        if identity.expires_at is not None and identity.expires_at <= self._runtime.clock.unix():
            raise Unauthenticated("The API key has expired.")
        return identity

    async def stored_api_key(self, uow: "UnitOfWork", tenant_id: UUID, digest: bytes) -> ApiKeyIdentity:
        """Like `api_key`, but only PostgreSQL is asked."""
        found = await self._credentials.api_key(uow, tenant_id, digest)
        if found is None:
            raise Unauthenticated("The API key is unknown, revoked or expired.")
        return found

    async def holds_api_key(self, tenant_id: UUID, digest: bytes) -> bool:
        """Whether the cache in Valkey holds this key, and no mark in its place."""
        return _is_entry(await self._found(api_key_cache_key(tenant_id, digest)))

    async def _found(self, key: str) -> bytes:
        """An entry, a mark or nothing."""
        return await self._runtime.pipeline.call(b"GET", key) or _NOTHING

    async def _fill(self, key: str, found: bytes, value: bytes) -> None:
        """Cache what was read from PostgreSQL after this was found, unless something happened meanwhile."""
        if not found.startswith(_REVOKING):
            script = self._runtime.pipeline.script(_FILL)
            await self._runtime.pipeline.call(b"EVALSHA", script, 1, key, found, value, CACHE_SECONDS)


def _entry(found: bytes, adapter: TypeAdapter[T]) -> T | None:
    return adapter.validate_json(found) if _is_entry(found) else None


def _is_entry(found: bytes) -> bool:
    return found != _NOTHING and not found.startswith((_REVOKING, _REVOKED))


def _user_actor(session: SessionIdentity, tenant_id: UUID | None, standing: Standing | None) -> Actor:
    return Actor(
        kind="user",
        id=session.user_id,
        tenant_id=tenant_id if standing else None,
        role=standing.role if standing else None,
        restricted=standing.restricted if standing else False,
        session_id=session.session_id,
        email=session.email,
        name=session.name,
        locale=session.locale,
    )


def session_cache_key(digest: bytes) -> str:
    return f"septet:session:{digest.hex()}"


def role_cache_key(tenant_id: UUID, user_id: UUID) -> str:
    return f"septet:{{{tenant_id}}}:role:{user_id}"


def api_key_cache_key(tenant_id: UUID, digest: bytes) -> str:
    return f"septet:{{{tenant_id}}}{API_KEY_MARK}{digest.hex()}"


def revoke_cached(uow: "UnitOfWork", *keys: str) -> None:
    """Make every process ask PostgreSQL for these again, from before this unit of work commits."""

    pipeline, name = uow.runtime.pipeline, uow.new_id().hex

    async def mark(lua: str) -> None:
        script = pipeline.script(lua)
        await asyncio.gather(*(pipeline.call(b"EVALSHA", script, 1, key, name, MARK_SECONDS) for key in keys))

    async def begin() -> None:
        await mark(_BEGIN)
        await uow.runtime.broadcast.announce(REVOKED_CHANNEL, "\n".join(keys).encode())

    async def end() -> None:
        with suppress(EngineUnavailable, StorageFull):  # what is committed stays so; the first mark goes by itself
            await mark(_END)

    uow.before_commit(begin)
    uow.after_commit(end)


def _organization_id(header: str | None) -> UUID | None:
    if not header:
        return None
    try:
        return UUID(header)
    except ValueError:
        raise BadParameter("The header `Septet-Organization` must be an organization's id.") from None
