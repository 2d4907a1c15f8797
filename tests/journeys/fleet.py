"""Septet apart: every role and service in a process of its own behind nginx, each started again when it dies.

They are forked from a server that has imported Septet, as those of `septet up` are: a dozen that import it for
themselves keep two cores busy for a minute, and one that was killed would not be back before the next is.
"""

import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.installation import free_ports

from septet.__main__ import main

SERVICES = ("tenancy", "chat", "notifications", "payments", "logs", "limits", "links")
START_SECONDS = 60.0
STOP_SECONDS = 20.0
NGINX = """worker_processes 1; daemon off; pid {directory}/nginx.pid; error_log {directory}/nginx.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; client_max_body_size 64m; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  client_body_buffer_size 64m; proxy_max_temp_file_size 0;  # its account may not write where tests do
  fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
  upstream web {{ {web} keepalive 32; }}
  upstream gateway {{ {gateway} }}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://web; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_next_upstream error timeout; proxy_connect_timeout 1s;
    }}
  }}
  server {{
    listen 127.0.0.1:{gateway_port};
    location / {{
      proxy_pass http://gateway; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade; proxy_read_timeout 1h; proxy_connect_timeout 1s;
    }}
  }}
}}
"""


class Fleet:
    """Two web processes, two gateways, a provider and a worker for each service. `settings` without their prefix."""

    def __init__(self, directory: Path, settings: dict[str, Any]) -> None:
        self.directory = directory
        self.port, self.gateway_port, self.provider_port, *self._ports = free_ports(9)
        self._settings = settings | {
            "data_dir": directory / "data",
            "provider_port": self.provider_port,
            "public_url": f"http://127.0.0.1:{self.port}",
        }
        self._commands: dict[str, tuple[list[str], dict[str, Any]]] = {}
        self._running: dict[str, ForkServerProcess] = {}
        self._nginx: subprocess.Popen[bytes] | None = None
        self._forking = multiprocessing.get_context("forkserver")
        self._forking.set_forkserver_preload(["septet.commands.preload"])
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep)
        self.deaths = 0

    def environment(self, **more: Any) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("SEPTET_")}
        return others | {f"SEPTET_{name.upper()}": str(value) for name, value in (self._settings | more).items()}

    def __enter__(self) -> Self:
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _begin(self) -> None:
        self.directory.mkdir(exist_ok=True)
        self._run_to_end("migrate")
        web, gateway, grpc = self._ports[:2], self._ports[2:4], self._ports[4:]
        for number, port in enumerate(web):
            self._commands[f"web{number}"] = ["run", "web"], {"web_port": port, "grpc_port": grpc[number]}
        for number, port in enumerate(gateway):
            self._commands[f"gateway{number}"] = ["run", "gateway"], {"gateway_port": port}
        self._commands["provider"] = ["run", "provider"], {}
        for service in SERVICES:
            self._commands[service] = ["run", "worker", "--services", service], {}
        config = self.directory / "nginx.conf"
        lines = {
            name: " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
            for name, ports in (("web", web), ("gateway", gateway))
        }
        config.write_text(
            NGINX.format(directory=self.directory, port=self.port, gateway_port=self.gateway_port, **lines)
        )
        self._nginx = subprocess.Popen(["nginx", "-c", str(config)])
        for name in self._commands:
            self._start(name)
        self._wait_until_all_serve()
        self._keeper.start()

    def _end(self) -> None:
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.join(STOP_SECONDS)
            process.kill()
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait()

    def tour(self, *arguments: str, seconds: float = 240) -> subprocess.CompletedProcess[str]:
        """Take the tour through nginx."""
        place = ["--gateway", f"ws://127.0.0.1:{self.gateway_port}/"]
        command = [sys.executable, "-m", "septet", "tour", *place, *arguments]
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=seconds, check=False
        )

    def kill_one(self, dice: random.Random) -> str:
        """`kill -9` of one that runs, nginx excepted; the name of its command."""
        name = dice.choice(sorted(self._running))
        self._running[name].kill()
        self.deaths += 1
        return name

    def log(self, name: str) -> str:
        log = self.directory / f"{name}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _run_to_end(self, command: str) -> None:
        process = self._forked(command, [command], {})
        process.join()
        assert process.exitcode == 0, self.log(command)

    def _start(self, name: str) -> None:
        self._running[name] = self._forked(name, *self._commands[name])

    def _forked(self, name: str, arguments: list[str], settings: dict[str, Any]) -> ForkServerProcess:
        log = self.directory / f"{name}.log"
        process = self._forking.Process(target=_septet, args=(arguments, self.environment(**settings), log))
        process.start()
        return process

    def _keep(self) -> None:
        while not self._stopping.wait(0.1):
            for name, process in list(self._running.items()):
                if not process.is_alive():
                    self._start(name)

    def _wait_until_all_serve(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        for name, process in self._running.items():
            while "Serving" not in self.log(name):
                assert process.is_alive(), self.log(name)
                assert time.monotonic() < deadline, f"{name} does not serve:\n{self.log(name)}"
                time.sleep(0.05)


def _septet(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """What the `septet` command does, in a process that was forked for it."""
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["septet", *arguments]
    main()
