"""Limits' refusals."""

from typing import Any

from septet.kernel.errors import NotFound, Problem


class RuleNotFound(NotFound):
    code, title = "rule_not_found", "No such rule"

    def __init__(self) -> None:
        super().__init__("The organization has no such rule; GET /limits/rules lists them.")


class LeaseNotFound(NotFound):
    code, title = "lease_not_found", "No such lease"

    def __init__(self) -> None:
        super().__init__("It has ended, was released before, or never existed.")


class TooManyRules(Problem):
    status, code, title = 409, "too_many_rules", "The organization has as many rules as it can"


class NothingToUndo(Problem):
    status, code, title = 409, "nothing_to_undo", "The change cannot be undone"


class QuotaExceeded(Problem):
    """A limit of the organization denies the request (draft-ietf-httpapi-ratelimit-headers-11, section 5)."""

    status, code, title = 429, "quota_exceeded", "A limit is reached"

    def __init__(self, detail: str, headers: dict[str, str], violated: list[str]) -> None:
        extra: dict[str, Any] = {
            "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
            "violated-policies": violated,
        }
        super().__init__(detail, headers=headers, **extra)
