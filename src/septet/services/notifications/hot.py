"""The fast lane: `POST /notifications` with an API key, and `GET /inbox/unread-count` with a session.

Everything rare (cookies, idempotency keys, bad input, refusals) is declined, so the ordinary endpoint answers it and
says it in one place only.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from septet.kernel.authentication import ApiKeyIdentity, api_key_cache_key
from septet.kernel.errors import EngineUnavailable, Problem, StorageFull
from septet.kernel.fastlane import Answer, HotRequest, HotRoute, render_headers
from septet.kernel.fastlane_request import render_problem
from septet.kernel.identity import SESSION_PREFIX, Actor, tenant_of_api_key
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.accepting import acceptor
from septet.services.notifications.actions.inbox import require_user
from septet.services.notifications.endpoints.sending import accepted_out
from septet.services.notifications.schemas.inbox import UnreadCount
from septet.services.notifications.schemas.sending import NotificationCreate
from septet.services.notifications.store import inbox

_JSON = render_headers([(b"content-type", b"application/json")])
_IDENTITY = TypeAdapter(ApiKeyIdentity)
_NUL = b"\\u0000"


def hot_routes(runtime: Runtime) -> Sequence[HotRoute]:
    sending, counting = SendingLane(runtime), CountingLane(runtime)
    return [
        HotRoute(b"POST", b"/notifications", sending.handle),
        HotRoute(b"GET", b"/inbox/unread-count", counting.handle),
    ]


class SendingLane:
    """The route's state in one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._acceptor = acceptor(runtime)
        self._running: set[asyncio.Task[None]] = set()

    def handle(self, request: HotRequest, answer: Answer) -> None:
        token = _api_key(request)
        tenant_id = tenant_of_api_key(token) if token else None
        body = bytes(request.body)
        if token is None or tenant_id is None or _NUL in body or b"\0" in body:
            answer.decline()
            return
        task = asyncio.create_task(self._serve(tenant_id, token, body, answer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _serve(self, tenant_id: UUID, token: str, body: bytes, answer: Answer) -> None:
        try:
            actor = await self._sender(tenant_id, token)
            request = NotificationCreate.model_validate_json(body)
            if actor is None or request.key is not None:
                answer.decline()
                return
            headers = await _admit(self._runtime, actor, "POST", "/notifications", answer)
            if headers is None:
                return
            accepted = await self._acceptor.accept(tenant_id, request)
        except (EngineUnavailable, StorageFull) as problem:
            answer(*render_problem(problem))
        except (Problem, ValidationError):
            answer.decline()
        else:
            answer(202, headers, accepted_out(accepted).model_dump_json(by_alias=True).encode())

    async def _sender(self, tenant_id: UUID, token: str) -> Actor | None:
        """Whoever holds the key, where the cache knows it and it may send; the ordinary endpoint looks up the rest."""
        digest = self._runtime.authenticator.digest(token)
        cached = await self._runtime.pipeline.call("GET", api_key_cache_key(tenant_id, digest))
        if not isinstance(cached, bytes) or not cached.startswith(b"{"):
            return None
        key = _IDENTITY.validate_json(cached)
        if key.restricted or (key.expires_at is not None and key.expires_at <= self._runtime.clock.unix()):
            return None
        actor = Actor("api_key", key.key_id, tenant_id, key.role, scopes=key.scopes)
        return actor if actor.may(permissions.SEND) else None


class CountingLane:
    """Consoles ask for the count all the time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._running: set[asyncio.Task[None]] = set()

    def handle(self, request: HotRequest, answer: Answer) -> None:
        token = _bearer_token(request)
        if token is None or not token.startswith(SESSION_PREFIX):
            answer.decline()
            return
        task = asyncio.create_task(self._serve(token, request.headers.get(b"septet-organization"), answer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _serve(self, token: str, organization: bytes | None, answer: Answer) -> None:
        try:
            named = organization.decode("latin-1") if organization else None
            actor = await self._runtime.authenticator.known_user(token, named)
            if actor is None or actor.tenant_id is None:
                answer.decline()
                return
            headers = await _admit(self._runtime, actor, "GET", "/inbox/unread-count", answer)
            if headers is None:
                return
            count = await self._count(actor)
        except (EngineUnavailable, StorageFull) as problem:
            answer(*render_problem(problem))
        except Problem:
            answer.decline()
        else:
            body = UnreadCount(count=count, unread_count=count)
            answer(200, headers, body.model_dump_json(by_alias=True).encode())

    async def _count(self, actor: Actor) -> int:
        postgres = self._runtime.postgres
        async with UnitOfWork(self._runtime, actor) as uow:
            with postgres.faults_translated():
                async with postgres.watched():
                    return await inbox.count_unread(uow, require_user(uow))


async def _admit(runtime: Runtime, actor: Actor, method: str, route: str, answer: Answer) -> bytes | None:
    """The answer's header lines, with what the organization's limits say; None where they refused and were told."""
    try:
        told = await runtime.guard_request(actor, method, route)
    except Problem as refusal:
        answer(*render_problem(refusal))
        return None
    return _JSON + render_headers([(name.encode(), value.encode()) for name, value in told.items()])


def _api_key(request: HotRequest) -> str | None:
    """The bearer token of a request that asks for nothing special."""
    if request.headers.get(b"idempotency-key") or request.headers.get(b"septet-organization"):
        return None
    if not (request.headers.get(b"content-type") or b"").startswith(b"application/json"):
        return None
    return _bearer_token(request)


def _bearer_token(request: HotRequest) -> str | None:
    scheme, _, token = (request.headers.get(b"authorization") or b"").partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None
