"""Who is asking: a session looked up, and a password verified.

Log-ins are bound by argon2id at OWASP's parameters; the bound itself is measured in the same run, on the same cores.
"""

import json
import time
from collections.abc import Sequence

from argon2.low_level import Type, hash_secret_raw

from benchmarks.cases import Case, Round, Suite, http_round
from benchmarks.installation import Installation

EMAIL, PASSWORD = "load@example.com", "plenty of correct horses"
MEMORY_KIB, ITERATIONS, LANES = 19456, 2, 1  # OWASP's recommendation


def prepare(septet: Installation) -> Sequence[Case]:
    """Sign one person up."""
    person = {"email": EMAIL, "password": PASSWORD, "name": "Load"}
    status, answer = septet.call("POST", "/auth/signup", person)
    assert status == 201, answer
    credentials = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    return [
        Case(
            "`GET /me`",
            "requests/s",
            http_round(septet, "GET", "/me", token=answer["session"]["token"], connections=16),
        ),
        Case(
            "`GET /auth/session`, in the fast lane",
            "requests/s",
            http_round(septet, "GET", "/auth/session", token=answer["session"]["token"]),
        ),
        Case(
            "`POST /auth/login`",
            "log-ins/s",
            http_round(septet, "POST", "/auth/login", credentials, connections=8),
            "Keycloak publishes 15 log-ins/s per vCPU",
        ),
        Case("argon2id alone, one core", "hashes/s", hashing_limit, "no server on one core can log in faster"),
    ]


def hashing_limit(seconds: float) -> Round:
    """Hash without pause in one thread."""
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        hash_secret_raw(PASSWORD.encode(), bytes(16), ITERATIONS, MEMORY_KIB, LANES, 32, Type.ID)
        count += 1
    return Round(count / passed)


SUITE = Suite("Identity", prepare)
