"""The examples in docs/*.md work as they stand: Python as programs, curl in a shell, against a running Septet."""

import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from benchmarks.installation import Installation

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[3]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
_FENCE = re.compile(r"^```(bash|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Every curl must succeed; one that follows a stream is cut off (28) once it has begun.
CURL = """curl() {
  command curl --max-time 4 --silent --show-error --fail "$@"; code=$?
  if [ $code -ne 0 ] && [ $code -ne 28 ]; then echo "curl ended with $code: $*" >> failures; fi
}
"""


@dataclass(frozen=True)
class Example:
    page: str
    number: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}-{self.language}"


def examples() -> list[Example]:
    """All Python, and the shell that talks to Septet."""
    found = []
    for page in PAGES:
        for number, (language, code) in enumerate(_FENCE.findall(page.read_text())):
            if language == "python" or "curl" in code:
                found.append(Example(page.stem, number, language, code))
    return found


@dataclass(frozen=True)
class Reader:
    """Somebody who tries the examples: their credentials are what the pages call TOKEN, KEY and so on."""

    septet: Installation
    variables: dict[str, str]

    def runnable(self, code: str) -> str:
        ports = {8000: self.septet.web_port, 8001: self.septet.gateway_port, 12111: self.septet.provider_port}
        for usual, port in ports.items():
            code = re.sub(rf"(127\.0\.0\.1|localhost):{usual}\b", f"127.0.0.1:{port}", code)
        return code


@pytest.fixture(scope="module")
def reader(septet: Installation) -> Reader:
    body = {"email": f"{uuid.uuid4().hex}@example.org", "password": "plenty of correct horses", "name": "Reader"}
    user = septet.call("POST", "/auth/signup", body)[1]
    token = user["session"]["token"]
    septet.call("POST", "/organizations", {"name": "Readers"}, token=token)
    key = septet.call("POST", "/api-keys", {"name": "docs", "scopes": ["*"]}, token=token)[1]["key"]
    room = septet.call("POST", "/rooms", {"name": "docs"}, token=token)[1]["id"]
    variables = {"TOKEN": token, "KEY": key, "SEPTET_KEY": key, "ROOM": room, "USER_ID": user["user"]["id"]}
    return Reader(septet, variables)


@pytest.mark.parametrize("example", examples(), ids=str)
def test_example(reader: Reader, example: Example, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text('203.0.113.7 - - [17/May/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1\n')
    code = reader.runnable(example.code)
    command = [sys.executable, "-c", code] if example.language == "python" else ["bash", "-c", CURL + code]
    environment = os.environ | reader.variables
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    failures = tmp_path / "failures"
    assert ran.returncode == 0, f"{code}\n{ran.stdout}\n{ran.stderr}"
    assert not failures.exists(), failures.read_text() + ran.stdout + ran.stderr
