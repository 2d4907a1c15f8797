"""`POST /logs` in the fast lane: an API key as bearer token, a body with a length, at most `?service=`.

Whatever else there is (sessions, Basic, keys that may not, dry runs) is declined while nothing has been changed, so the
ordinary endpoint answers it and says it in one place only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from septet.kernel import telemetry
from septet.kernel.errors import Problem
from septet.kernel.fastlane import Answer, HotRequest, HotRoute, render_headers
from septet.kernel.fastlane_guard import admitted
from septet.kernel.fastlane_request import render_problem
from septet.kernel.identity import Actor
from septet.kernel.runtime import Runtime
from septet.services.logs.ingest import LONGEST_SERVICE
from septet.services.logs.permissions import WRITE_LOGS
from septet.services.logs.posting import decompressed, idempotency_key, post
from septet.services.logs.settings import LogsSettings

_JSON = render_headers([(b"content-type", b"application/json")])
_REPLAYED = render_headers([(b"idempotency-replayed", b"true"), (b"content-type", b"application/json")])


def hot_routes(runtime: Runtime) -> Sequence[HotRoute]:
    return [HotRoute(b"POST", b"/logs", IngestLane(runtime).handle)]


@dataclass(frozen=True, slots=True)
class Plain:
    """What a plain request says about its body."""

    token: str
    service: str
    content_type: str
    encoding: str
    idempotency_key: str | None


class IngestLane:
    """The route's state in one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._settings = runtime.service_settings(LogsSettings)

    def handle(self, request: HotRequest, answer: Answer) -> None:
        plain = _plain(request)
        if plain is None or len(request.body) > self._settings.max_body_bytes:
            answer.decline()
            return
        answer.later(self._serve(plain, bytes(request.body), answer))

    async def _serve(self, plain: Plain, sent: bytes, answer: Answer) -> None:
        actor = await self._sender(plain.token)
        if actor is None or actor.tenant_id is None:
            answer.decline()
            return
        telemetry.bind_tenant(actor.tenant_id)
        limits = await admitted(self._runtime, actor, "POST", "/logs", answer)
        if limits is None:
            return
        try:
            body = await decompressed(sent, plain.encoding, self._settings)
            key = idempotency_key(plain.idempotency_key)
            said, replayed = await post(self._runtime, actor.tenant_id, body, plain.content_type, plain.service, key)
        except Problem as problem:
            answer(*render_problem(problem))
            return
        answer(202, (_REPLAYED if replayed else _JSON) + limits, said)

    async def _sender(self, token: str) -> Actor | None:
        """Whoever holds this API key, if it may send lines."""
        try:
            identity = await self._runtime.api_keys.verify(token)
        except Problem:
            return None
        actor = Actor("api_key", identity.key_id, identity.tenant_id, identity.role, scopes=identity.scopes)
        return actor if actor.may(WRITE_LOGS) and not identity.restricted else None


def _plain(request: HotRequest) -> Plain | None:
    headers = request.headers
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    query = parse_qsl(request.query.decode("ascii"), keep_blank_values=True)
    names = [name for name, _ in query]
    if scheme.lower() != b"bearer" or b"septet-organization" in headers or names not in ([], ["service"]):
        return None
    service = query[0][1] if query else ""
    if len(service) > LONGEST_SERVICE:
        return None
    key = headers.get(b"idempotency-key")
    return Plain(
        token.strip().decode("latin-1"),
        service,
        headers.get(b"content-type", b"").decode("latin-1"),
        headers.get(b"content-encoding", b"").decode("latin-1").strip().lower(),
        None if key is None else key.decode("latin-1"),
    )
