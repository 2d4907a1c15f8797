"""Every refusal is a `Problem`: an exception with an HTTP status, a stable code and a sentence on how to mend it.

Actions raise them, `kernel.http` renders them as RFC 9457 `application/problem+json`. A service declares its own in
`errors.py`:

    class AlreadyMember(Problem):
        status, code, title = 409, "already_member", "Already a member"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input: the path of the field as the client wrote it, and a sentence."""

    field: str
    message: str


class Problem(Exception):
    """A refusal with an HTTP status and a stable `code`.

    `keeps_changes`: the transaction is committed all the same, for refusals that record something (a declined
    payment, a failed login). All others roll back.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    keeps_changes: ClassVar[bool] = False

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra
        super().__init__(self.detail)

    def body(self) -> dict[str, Any]:
        """The problem document's members (RFC 9457, section 3)."""
        document: dict[str, Any] = {
            "type": f"https://septet.dev/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            document["errors"] = [{"field": e.field, "message": e.message} for e in self.errors]
        return document | self.extra


class InternalError(Problem):
    """A defect of ours. The log has the traceback under the request id that the answer carries."""


class MalformedBody(Problem):
    status, code, title = 400, "malformed_body", "The body cannot be read"


class BadParameter(Problem):
    status, code, title = 400, "bad_parameter", "A parameter cannot be used"


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Authentication is required"

    def __init__(self, detail: str = "Send `Authorization: Bearer <session token or API key>`.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(Problem):
    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "Method not allowed"


class RequestInFlight(Problem):
    status, code, title = 409, "request_in_flight", "The first request with this key is still running"

    def __init__(self) -> None:
        super().__init__("Send the same request again in a moment to get its answer.", headers={"Retry-After": "1"})


class PreconditionFailed(Problem):
    status, code, title = 412, "precondition_failed", "The resource has changed"

    def __init__(self) -> None:
        super().__init__("`If-Match` names an older version: fetch the resource again and repeat the change on it.")


class BodyTooLarge(Problem):
    status, code, title = 413, "body_too_large", "The body is too large"


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported_media_type", "The content type cannot be read"


class InvalidInput(Problem):
    status, code, title = 422, "invalid_input", "The input is not valid"


class IdempotencyKeyReused(Problem):
    status, code, title = 422, "idempotency_key_reused", "The idempotency key belongs to another request"


class TooManyRequests(Problem):
    status, code, title = 429, "too_many_requests", "Too many requests"


class EngineUnavailable(Problem):
    """An engine (PostgreSQL, Valkey, ClickHouse) does not answer; safe to retry after `retry_after` seconds."""

    status, code, title = 503, "engine_unavailable", "A part of Septet is not available"

    def __init__(self, engine: str, retry_after: int = 1) -> None:
        self.engine = engine
        detail = f"{engine} does not answer at the moment. Nothing was changed; send the request again."
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, engine=engine)


class StorageFull(Problem):
    status, code, title = 507, "storage_full", "The disk is full"

    def __init__(self, engine: str) -> None:
        super().__init__(
            f"{engine} has no space left to store this. Nothing was changed; free some space.", engine=engine
        )
