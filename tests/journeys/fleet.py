"""Septet apart: every role and service in a process of its own behind nginx, each started again when it dies."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.installation import free_ports

SERVICES = ("tenancy", "chat", "notifications", "payments", "logs", "limits", "links")
START_SECONDS = 120.0
NGINX = """worker_processes 1; daemon off; pid {directory}/nginx.pid; error_log {directory}/nginx.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; client_max_body_size 64m; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
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
        self.port, self.gateway_port, self.provider_port, *self._ports = free_ports(7)
        self._settings = settings | {
            "data_dir": directory / "data",
            "provider_port": self.provider_port,
            "public_url": f"http://127.0.0.1:{self.port}",
        }
        self._commands: dict[str, tuple[list[str], dict[str, Any]]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep)
        self.deaths = 0

    def environment(self, **more: Any) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("SEPTET_")}
        return others | {f"SEPTET_{name.upper()}": str(value) for name, value in (self._settings | more).items()}

    def __enter__(self) -> Self:
        self.directory.mkdir(exist_ok=True)
        subprocess.run(self._septet("migrate"), env=self.environment(), check=True, capture_output=True)
        web, gateway = self._ports[:2], self._ports[2:]
        for number, port in enumerate(web):
            self._commands[f"web{number}"] = self._septet("run", "web"), {"web_port": port}
        for number, port in enumerate(gateway):
            self._commands[f"gateway{number}"] = self._septet("run", "gateway"), {"gateway_port": port}
        self._commands["provider"] = self._septet("run", "provider"), {}
        for service in SERVICES:
            self._commands[service] = self._septet("run", "worker", "--services", service), {}
        config = self.directory / "nginx.conf"
        lines = {
            name: " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
            for name, ports in (("web", web), ("gateway", gateway))
        }
        config.write_text(
            NGINX.format(directory=self.directory, port=self.port, gateway_port=self.gateway_port, **lines)
        )
        self._commands["nginx"] = (["nginx", "-c", str(config)], {})
        for name in self._commands:
            self._start(name)
        self._wait_until_all_serve()
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()

    def tour(self, *arguments: str, seconds: float = 240) -> subprocess.CompletedProcess[str]:
        """Take the tour through nginx."""
        command = [*self._septet("tour", "--gateway", f"ws://127.0.0.1:{self.gateway_port}/"), *arguments]
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=seconds, check=False
        )

    def kill_one(self, dice: random.Random) -> str:
        """`kill -9` of one that runs, nginx excepted; the name of its command."""
        name = dice.choice([name for name in sorted(self._running) if name != "nginx"])
        self._running[name].send_signal(signal.SIGKILL)
        self.deaths += 1
        return name

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def _septet(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "septet", *arguments]

    def _start(self, name: str) -> None:
        command, settings = self._commands[name]
        with (self.directory / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, env=self.environment(**settings), stdout=log, stderr=log)

    def _keep(self) -> None:
        while not self._stopping.wait(0.1):
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    self._start(name)

    def _wait_until_all_serve(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        for name, process in self._running.items():
            while name != "nginx" and "Serving" not in self.log(name):
                assert process.poll() is None, self.log(name)
                assert time.monotonic() < deadline, f"{name} does not serve:\n{self.log(name)}"
                time.sleep(0.05)
