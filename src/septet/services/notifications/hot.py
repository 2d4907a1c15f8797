"""The fast lane: `POST /notifications` with an API key, and `GET /inbox/unread-count` with a session.

Everything rare (cookies, idempotency keys, bad input, refusals) is declined, so the ordinary endpoint answers it and
says it in one place only.
"""

from collections.abc import Sequence
from uuid import UUID

from pydantic import ValidationError

from septet.kernel.errors import EngineUnavailable, Problem, StorageFull
from septet.kernel.fastlane import Answer, HotRequest, HotRoute, render_headers
from septet.kernel.fastlane_guard import admitted
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

    def handle(self, request: HotRequest, answer: Answer) -> None:
        token = _api_key(request)
        tenant_id = tenant_of_api_key(token) if token else None
        body = bytes(request.body)
        if token is None or tenant_id is None or _NUL in body or b"\0" in body:
            answer.decline()
            return
        answer.later(self._serve(tenant_id, token, body, answer))

    async def _serve(self, tenant_id: UUID, token: str, body: bytes, answer: Answer) -> None:
        try:
            actor = await self._sender(token)
            request = NotificationCreate.model_validate_json(body)
            if actor is None or request.key is not None:
                answer.decline()
                return
            limits = await admitted(self._runtime, actor, "POST", "/notifications", answer)
            if limits is None:
                return
            accepted = await self._acceptor.accept(tenant_id, request)
        except (EngineUnavailable, StorageFull) as problem:
            answer(*render_problem(problem))
        except (Problem, ValidationError):
            answer.decline()
        else:
            answer(202, _JSON + limits, accepted_out(accepted).model_dump_json(by_alias=True).encode())

    async def _sender(self, token: str) -> Actor | None:
        """Whoever holds this API key, if it may send. Raises Unauthenticated, EngineUnavailable."""
        key = await self._runtime.api_keys.verify(token)
        actor = Actor("api_key", key.key_id, key.tenant_id, key.role, scopes=key.scopes)
        return actor if actor.may(permissions.SEND) and not key.restricted else None


class CountingLane:
    """Consoles ask for the count all the time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def handle(self, request: HotRequest, answer: Answer) -> None:
        token = _bearer_token(request)
        if token is None or not token.startswith(SESSION_PREFIX):
            answer.decline()
            return
        answer.later(self._serve(token, request.headers.get(b"septet-organization"), answer))

    async def _serve(self, token: str, organization: bytes | None, answer: Answer) -> None:
        try:
            named = organization.decode("latin-1") if organization else None
            actor = await self._runtime.authenticator.known_user(token, named)
            if actor is None or actor.tenant_id is None:
                answer.decline()
                return
            limits = await admitted(self._runtime, actor, "GET", "/inbox/unread-count", answer)
            if limits is None:
                return
            count = await self._count(actor)
        except (EngineUnavailable, StorageFull) as problem:
            answer(*render_problem(problem))
        except Problem:
            answer.decline()
        else:
            body = UnreadCount(count=count, unread_count=count)
            answer(200, _JSON + limits, body.model_dump_json(by_alias=True).encode())

    async def _count(self, actor: Actor) -> int:
        postgres = self._runtime.postgres
        async with UnitOfWork(self._runtime, actor) as uow:
            with postgres.faults_translated():
                async with postgres.watched():
                    return await inbox.count_unread(uow, require_user(uow))


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
