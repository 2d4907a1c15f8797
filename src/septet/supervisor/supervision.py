"""Starts everything in order, restarts what dies, stops everything in the opposite order.

Few processes by default: `web`, `gateway`, and one for `worker` and `provider`, whose work is in the background.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from septet.engines.errors import EngineError
from septet.kernel.config import Settings
from septet.supervisor.directory import Running
from septet.supervisor.engines import EngineSet
from septet.supervisor.ports import LISTENERS
from septet.supervisor.role import RoleFailed, RoleProcess, how_it_ended

ProcessRole = Literal["web", "gateway", "worker", "provider"]
ROLES: tuple[ProcessRole, ...] = ("web", "gateway", "worker", "provider")
FIRST_RESTART_SECONDS = 0.2
LONGEST_RESTART_SECONDS = 30.0
HEALTHY_SECONDS = 60.0  # a child that lived this long is restarted at once again


class MigrationFailed(Exception):
    """The database could not be brought to this version's schema."""


class Child(Protocol):
    """What engines and roles have in common."""

    @property
    def name(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    async def start(self) -> None: ...
    async def wait(self) -> int: ...
    async def stop(self) -> None: ...


class Supervisor:
    """All processes of one `septet up`. `say` is called with one line for each thing that a person should know."""

    def __init__(self, settings: Settings, sockets: Mapping[str, socket.socket], say: Callable[[str], None]) -> None:
        self.engines = EngineSet(settings)
        self.roles: list[RoleProcess] = []
        self._settings = settings
        self._sockets = sockets
        self._say = say
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start engines, migrate, start roles.

        Raises EngineError, MigrationFailed or RoleFailed; `stop` is then still to be called.
        """
        await self.engines.start()
        for engine in self.engines.embedded:
            self._keep(engine)
        await self._migrate()
        self.roles = list(self._make_roles())
        await asyncio.gather(*(role.start() for role in self.roles))
        for role in self.roles:
            self._keep(role)
        Running(os.getpid(), self.engines.urls).write(self._settings.data_dir)

    async def _migrate(self) -> None:
        """Migrate in a process of its own, which gives back the memory that it takes."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "septet", "migrate"),
            env={**os.environ, **self.engines.urls.migration_environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode:
            raise MigrationFailed(f"Migrating PostgreSQL failed.\n{output.decode(errors='replace').strip()}")

    def _make_roles(self) -> list[RoleProcess]:
        count = self._settings.web_processes
        groups: list[tuple[str, Sequence[str]]] = [
            *((f"web {number}" if count > 1 else "web", ["web"]) for number in range(1, count + 1)),
            ("gateway", ["gateway"]),
            ("worker and provider", ["worker", "provider"]),
        ]
        return [self._make_role(name, roles) for name, roles in groups]

    def _make_role(self, name: str, roles: Sequence[str]) -> RoleProcess:
        listening = {socket: self._sockets[socket] for role in roles for socket in LISTENERS.get(role, ())}
        return RoleProcess(name, roles, listening, self.engines.urls.environment(), self._settings.drain_seconds)

    def _keep(self, child: Child) -> None:
        self._keepers.append(asyncio.create_task(self._keep_running(child), name=f"keep {child.name}"))

    async def _keep_running(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        delay = FIRST_RESTART_SECONDS
        while True:
            started = loop.time()
            ending = how_it_ended(await child.wait())
            if loop.time() - started > HEALTHY_SECONDS:
                delay = FIRST_RESTART_SECONDS
            self._say(f"{child.name} {ending}; starting it again in {delay:g} s.")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_RESTART_SECONDS)
            try:
                await child.start()
                self._say(f"{child.name} runs again (pid {child.pid}).")
            except (EngineError, RoleFailed, OSError) as error:
                self._say(str(error))

    async def stop(self) -> None:
        """Stop roles, which finish what is in flight, then engines."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(role.stop() for role in self.roles))
        await self.engines.stop()
