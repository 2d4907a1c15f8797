"""Stripe's error objects: `{"error": {type, code, decline_code, message, param, …}}`, each with its HTTP status."""

from collections.abc import Mapping
from typing import Any, ClassVar

Json = dict[str, Any]


class StripeError(Exception):
    """What the API answers instead of an object.

    `remembered`: whether the idempotency key replays it. `keeps_changes`: what the operation changed is stored.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "api_error"
    remembered: ClassVar[bool] = True
    keeps_changes: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})
        given = {"code": code, "message": message, "param": param, "type": self.type, **more}
        if code:
            given["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        self.error: Json = {name: value for name, value in given.items() if value is not None}


class InvalidRequest(StripeError):
    status, type = 400, "invalid_request_error"


class InvalidParameter(InvalidRequest):
    """Refused before the operation began, so that the idempotency key stays free."""

    remembered = False


class ResourceMissing(InvalidRequest):
    status = 404

    def __init__(self, kind: str, object_id: str, param: str) -> None:
        super().__init__(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)


class NotAuthenticated(StripeError):
    status, type, remembered = 401, "invalid_request_error", False


class KeyInUse(StripeError):
    status, type, remembered = 409, "idempotency_error", False

    def __init__(self, key: str) -> None:
        super().__init__(
            f"There is currently another in-progress request using this Idempotent Key: {key}. Please try again later.",
            code="idempotency_key_in_use",
        )


class KeyReused(StripeError):
    status, type, remembered = 400, "idempotency_error", False

    def __init__(self, key: str) -> None:
        super().__init__(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )


class RateLimited(StripeError):
    status, type, remembered = 429, "invalid_request_error", False

    def __init__(self) -> None:
        super().__init__("Too many requests hit the API too quickly.", code="rate_limit", headers={"Retry-After": "1"})


class ServerError(StripeError):
    """A defect of the provider, injected or real."""

    remembered = False

    def __init__(
        self, message: str = "An unknown error occurred. Ask for the object's state before you try again."
    ) -> None:
        super().__init__(message)


class CardError(StripeError):
    """The card was refused; the payment intent says so as well, and keeps saying it."""

    status, type, keeps_changes = 402, "card_error", True
