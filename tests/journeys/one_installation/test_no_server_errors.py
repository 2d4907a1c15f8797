"""Whatever schemathesis makes up from the OpenAPI document, no operation answers with a server error.

The time it may take is `SOAK_ROUNDS` times ten seconds: ten by default, hours in `make soak`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.installation import Installation

SECONDS = 10 * int(os.environ.get("SOAK_ROUNDS", "1"))
SEED = os.environ.get("SOAK_SEED", "7")
# Streams never end by themselves; the session and the key in use must stay valid.
LEFT_OUT = ["/logs/tail", "/inbox/stream", "/links/live", "/links/{link_id}/live", "/auth/logout", "/me"]


@pytest.mark.soak
@pytest.mark.processes
def test_no_server_errors(septet: Installation, tmp_path: Path) -> None:
    answered = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), *arguments(septet)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    # Its exit code also counts bodies that it cannot write (protobuf); those are the shippers' tests to send.
    assert " passed" in answered.stdout
    assert "Server error" not in answered.stdout, answered.stdout[-8000:]


def arguments(septet: Installation) -> list[str]:
    """For one organization, with an API key that may do everything."""
    person = {"email": "fuzz@example.com", "password": "plenty of correct horses", "name": "Fuzz"}
    _, account = septet.call("POST", "/auth/signup", person)
    token = account["session"]["token"]
    septet.call("POST", "/organizations", {"name": "Fuzz"}, token=token)
    _, issued = septet.call("POST", "/api-keys", {"name": "fuzz", "scopes": ["*"]}, token=token)
    given = ["run", f"http://127.0.0.1:{septet.web_port}/openapi.json", "--checks", "not_a_server_error"]
    given += ["--header", f"Authorization: Bearer {issued['key']}", "--seed", SEED, "--max-time", str(SECONDS)]
    given += ["--max-examples", "5", "--request-timeout", "10", "--phases", "examples,fuzzing", "--no-shrink"]
    given += ["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"]
    return given + [part for path in LEFT_OUT for part in ("--exclude-path", path)]
