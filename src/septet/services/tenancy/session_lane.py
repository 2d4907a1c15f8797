"""`GET /auth/session` in the fast lane: a session that Valkey knows is checked without PostgreSQL.

This is how other programs ask, at each of their requests, whether a token still holds. What Valkey does not know, and
every refusal, is left to the ordinary endpoint.
"""

from collections.abc import Sequence

from septet.kernel.errors import Problem
from septet.kernel.fastlane import Answer, HotRequest, HotRoute, render_headers
from septet.kernel.fastlane_guard import admitted
from septet.kernel.identity import SESSION_PREFIX, Actor
from septet.kernel.runtime import Runtime
from septet.services.tenancy.schemas.accounts import SessionCheck

_JSON = render_headers([(b"content-type", b"application/json")])
_BEARER = b"Bearer "


def hot_routes(runtime: Runtime) -> Sequence[HotRoute]:
    return [HotRoute(b"GET", b"/auth/session", SessionLane(runtime).handle)]


class SessionLane:
    """The route's state in one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def handle(self, request: HotRequest, answer: Answer) -> None:
        token = request.headers.get(b"authorization", b"").removeprefix(_BEARER).decode("latin-1")
        if not token.startswith(SESSION_PREFIX) or request.body:
            answer.decline()
            return
        organization = request.headers.get(b"septet-organization", b"").decode("latin-1")
        answer.later(self._serve(token, organization, answer))

    async def _serve(self, token: str, organization: str, answer: Answer) -> None:
        try:
            actor = await self._runtime.authenticator.known_user(token, organization or None)
        except Problem:
            actor = None
        if actor is None:
            answer.decline()
            return
        limits = await admitted(self._runtime, actor, "GET", "/auth/session", answer)
        if limits is not None:
            answer(200, _JSON + limits, session_check(actor).model_dump_json(by_alias=True).encode())


def session_check(actor: Actor) -> SessionCheck:
    """What a session's holder may know of it."""
    assert actor.id, "a user has an id"
    assert actor.session_id, "and acts by a session"
    return SessionCheck(
        session_id=actor.session_id,
        user_id=actor.id,
        email=actor.email,
        name=actor.name,
        locale=actor.locale,
        organization_id=actor.tenant_id,
        role=actor.role,
    )
