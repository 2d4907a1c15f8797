"""A Septet of its own for a measurement or a test: `septet up` on a fresh data directory and free ports."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from benchmarks.commands import run_command

START_SECONDS = 60.0
STOP_SECONDS = 30.0


class Installation:
    """Start with `start()`, talk to it with `call()`; as a context manager it is stopped at the end."""

    def __init__(self, directory: Path, *arguments: str, **settings: object) -> None:
        """`arguments` are those of `septet up`; `settings` are named without their prefix: `web_processes=2`."""
        self.directory = directory
        self.data_dir = directory / "data"
        self.log_file = directory / "septet.log"
        self.web_port, self.gateway_port, self.grpc_port, self.provider_port = free_ports(4)
        self._arguments = arguments
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The supervisor."""
        assert self._process, "started before it is used"
        return self._process

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def environment(self) -> dict[str, str]:
        """The environment in which `septet` commands speak of this installation."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("SEPTET_")}
        settings = {
            "data_dir": self.data_dir,
            "web_port": self.web_port,
            "gateway_port": self.gateway_port,
            "grpc_port": self.grpc_port,
            "provider_port": self.provider_port,
            **self._settings,
        }
        return others | {f"SEPTET_{name.upper()}": str(value) for name, value in settings.items()}

    def septet(self, *arguments: str, seconds: float = START_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run another command to its end."""
        return run_command(arguments, self.environment(), seconds)

    def start(self) -> Self:
        """Run `septet up` and wait until it says what to do next; fail with its output when it ends before."""
        with self.log_file.open("ab") as log:
            offset = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "septet", "up", *self._arguments],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.wait_for(r"Next: open", offset=offset)
        return self

    def output(self, offset: int = 0) -> str:
        """What `septet up` has printed, from a byte offset."""
        return self.log_file.read_bytes()[offset:].decode(errors="replace")

    def wait_for(self, pattern: str, *, offset: int = 0, seconds: float = START_SECONDS) -> re.Match[str]:
        """Wait until `septet up` prints what matches."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.output(offset))):
            ended = self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                state = f"ended with {self.process.returncode}" if ended else f"is silent for {seconds:.0f} s"
                raise AssertionError(f"septet up {state} before printing {pattern!r}:\n{self.output(offset)}")
            time.sleep(0.02)
        return found

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until `/readyz` says that every engine answers."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/readyz", seconds=2)[0] == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"not ready within {seconds:.0f} s:\n{self.output()}")

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        seconds: float = 10.0,
    ) -> tuple[int, Any]:
        """One HTTP request to the web port; the status and the JSON answer (None when there is none)."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        with ExitStack() as stack:
            connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=seconds)
            stack.callback(connection.close)
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            text = answer.read()
        return answer.status, json.loads(text) if text else None


def free_ports(count: int) -> list[int]:
    """TCP ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
