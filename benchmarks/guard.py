"""What it costs that every request passes its organization's limits: the same request with them and without.

A second web process, whose setting says that nothing is limited, serves the same installation on a port of its own.
"""

import atexit
import subprocess
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from benchmarks.cases import Case, Suite, http_round
from benchmarks.installation import Installation, free_ports

EMAIL, PASSWORD = "guard@example.com", "plenty of correct horses"


def prepare(septet: Installation) -> Sequence[Case]:
    """One organization with a project, and an API key."""
    person = {"email": EMAIL, "password": PASSWORD, "name": "Load"}
    token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
    septet.call("POST", "/organizations", {"name": "Acme"}, token=token)
    septet.call("POST", "/projects", {"name": "Apollo"}, token=token)
    key = septet.call("POST", "/api-keys", {"name": "load", "scopes": ["*"]}, token=token)[1]["key"]
    free: Any = SimpleNamespace(web_port=unlimited_web(septet))
    return [
        Case(
            "`GET /projects`, limited", "requests/s", http_round(septet, "GET", "/projects", token=key, connections=16)
        ),
        Case("the same, not limited", "requests/s", http_round(free, "GET", "/projects", token=key, connections=16)),
    ]


def unlimited_web(septet: Installation) -> int:
    """The port of another web process that asks no limits; it ends with this one."""
    port, grpc = free_ports(2)
    settings = {"SEPTET_WEB_PORT": str(port), "SEPTET_LIMIT_REQUESTS": "false", "SEPTET_GRPC_PORT": str(grpc)}
    process = subprocess.Popen(
        [sys.executable, "-m", "septet", "run", "web"], env=septet.environment() | settings, stderr=subprocess.PIPE
    )
    atexit.register(process.kill)
    assert process.stderr
    while b"Serving" not in (line := process.stderr.readline()):
        assert line, "the second web process ended before it served"
    return port


SUITE = Suite("Limits of requests", prepare, {"tenancy_argon2_memory_kib": 64})
