"""HTTP as shippers speak it: their ways to authenticate, bodies of any encoding, no unit of work per request."""

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute

from septet.kernel import telemetry
from septet.kernel.errors import Unauthenticated
from septet.kernel.http.dependencies import OrganizationRequired
from septet.kernel.identity import Permission
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.logs.errors import IngestBodyTooLarge
from septet.services.logs.permissions import WRITE_LOGS
from septet.services.logs.posting import decompressed
from septet.services.logs.settings import LogsSettings

# What the framework lets through; SEPTET_LOGS_MAX_BODY_BYTES, which cannot be larger, is enforced while reading.
FRAMEWORK_BODY_LIMIT = 129 * 1024 * 1024
HOW = "Send an API key: `Authorization: Bearer <key>`, or HTTP Basic with the key as password."


class ShippingRoute(APIRoute):
    """A route without unit of work: what it accepts is in the queue before it answers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = super().get_route_handler()

        async def handle(request: Request) -> Response:
            request.scope["septet.route"] = self.path_format
            request.scope["septet.service"] = "logs"
            response = await endpoint(request)
            response.headers.update(getattr(request.state, "limits_told", {}))
            return response

        return handle


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def shipper(request: Request, permission: Permission = WRITE_LOGS) -> UUID:
    """The organization that the request is for. Raises Unauthenticated (401), Forbidden (403), BadParameter (400)."""
    runtime = runtime_of(request)
    token = _token(request.headers.get("authorization", ""))
    if not token:
        raise Unauthenticated(HOW)
    async with UnitOfWork(runtime) as uow:
        with runtime.postgres.faults_translated():
            organization = request.headers.get("septet-organization")
            actor = await runtime.authenticator.authenticate(uow, token, organization)
            await uow.commit()
    if actor.tenant_id is None:
        raise OrganizationRequired
    actor.require(permission)
    telemetry.bind_tenant(actor.tenant_id)
    route = request.scope["septet.route"]
    request.state.limits_told = await runtime.guard_request(actor, request.method, route)
    return actor.tenant_id


def _token(authorization: str) -> str:
    """The key in `Bearer <key>`, `Basic <any:key>`, or Elasticsearch's `ApiKey <key>` and `ApiKey <any:key>`."""
    scheme, _, value = authorization.partition(" ")
    value = value.strip()
    match scheme.lower():
        case "bearer":
            return value
        case "basic":
            return _password(value)
        case "apikey":
            return _password(value) or value
    return ""


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def whole_body(request: Request, *, default_encoding: str = "") -> bytes:
    """The decompressed body. Raises IngestBodyTooLarge (413, naming the setting), UnreadableEncoding (400)."""
    settings = runtime_of(request).service_settings(LogsSettings)
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > settings.max_body_bytes:
            raise IngestBodyTooLarge("SEPTET_LOGS_MAX_BODY_BYTES", settings.max_body_bytes)
        parts.append(chunk)
    encoding = request.headers.get("content-encoding", default_encoding).strip().lower()
    return await decompressed(b"".join(parts), encoding, settings)
