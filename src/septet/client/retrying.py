"""When a request is sent again: while Septet cannot be reached, is restarting, or asks for patience.

Every POST carries an `Idempotency-Key`, so a repetition whose first try was carried out gets the first try's answer.
"""

import random
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

LONGEST_PAUSE_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.05
RETRIED_STATUSES = frozenset({429, 502, 503, 504})


class Refused(Exception):
    """Septet refused a request: `status`, the stable `code`, a sentence in `detail`, and the whole `problem`."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail", ""))
        super().__init__(f"{status} {self.code}: {self.detail}")


class Attempts:
    """The tries of one request. `patience`: for how many seconds it is tried."""

    def __init__(self, method: str, patience: float) -> None:
        self.number = 0
        self._method = method
        self._deadline = time.monotonic() + patience

    def headers(self, given: Mapping[str, str]) -> dict[str, str]:
        """`given`, and a fresh idempotency key where one helps."""
        key = {"Idempotency-Key": uuid4().hex} if self._method == "POST" else {}
        return key | dict(given)

    def pause_after(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds until the next try; None when there is none. Raises the transport's error after the last one."""
        self.number += 1
        pause = self._pause(outcome)
        if pause is not None and time.monotonic() + pause < self._deadline:
            return pause
        if isinstance(outcome, httpx.TransportError):
            raise outcome
        return None

    def _pause(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        if isinstance(outcome, httpx.Response):
            if outcome.status_code not in RETRIED_STATUSES and not _is_in_flight(outcome):
                return None
            if (told := outcome.headers.get("retry-after", "")).isdigit():
                return float(told)
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self.number)
        return random.uniform(longest / 2, longest)  # noqa: S311 - no secret

    def answer(self, response: httpx.Response) -> httpx.Response:
        """The response, unless it is a refusal. Raises Refused."""
        repeated_deletion = self._method == "DELETE" and response.status_code == 404 and self.number > 1
        if response.is_success or response.is_redirect or repeated_deletion:
            return response
        raise Refused(response.status_code, _problem(response))


def _is_in_flight(response: httpx.Response) -> bool:
    return response.status_code == 409 and _problem(response).get("code") == "request_in_flight"


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        found = response.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": response.text[:200]}
