"""Starts everything in order, restarts what dies, stops everything in the opposite order.

Few processes by default: `web`, `gateway`, and one for `worker` and `provider`, whose work is in the background.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.forkserver import ensure_running
from typing import Literal, Protocol

from septet.engines.errors import EngineError
from septet.kernel.background import end
from septet.kernel.config import Settings
from septet.supervisor.directory import Running
from septet.supervisor.engines import EngineSet
from septet.supervisor.ports import LISTENERS, another
from septet.supervisor.role import RoleFailed, RoleProcess, Serve, forking, how_it_ended, run_to_end

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
    """All processes of one `septet up`. `say` is called with one line for each thing that a person should know.

    `serve` and `migrate` are what the children run, `preload` the module that has imported all they need.
    """

    def __init__(
        self,
        settings: Settings,
        sockets: Mapping[str, socket.socket],
        say: Callable[[str], None],
        *,
        serve: Serve,
        migrate: Callable[[Settings], None],
        preload: str,
    ) -> None:
        self.engines = EngineSet(settings)
        self.roles: list[RoleProcess] = []
        self._settings = settings
        self._sockets = sockets
        self._say = say
        self._serve = serve
        self._migrate = migrate
        self._keepers: list[asyncio.Task[None]] = []
        forking.set_forkserver_preload(["__main__", preload])

    async def start(self) -> None:
        """Start engines, migrate, start roles.

        Raises EngineError, MigrationFailed or RoleFailed; `stop` is then still to be called.
        """
        ensure_running()  # it imports while the engines start
        await self.engines.start()
        for engine in self.engines.embedded:
            self._keep(engine)
        settings = self.engines.urls.apply_to(self._settings)
        if await run_to_end("migrate", self._migrate, settings):
            raise MigrationFailed("Migrating failed; its last words are above.")
        self.roles = list(self._make_roles(settings.model_copy(update={"postgres_owner_url": None})))
        await asyncio.gather(*(role.start() for role in self.roles))
        for role in self.roles:
            self._keep(role)
        Running(os.getpid(), self.engines.urls).write(self._settings.data_dir)

    def _make_roles(self, settings: Settings) -> Iterator[RoleProcess]:
        for number in range(1, settings.web_processes + 1):
            name = f"web {number}" if settings.web_processes > 1 else "web"
            listening = self._sockets["web"] if number == 1 else another(self._sockets["web"])
            yield RoleProcess(name, ["web"], {"web": listening}, settings, self._serve)
        yield self._make_role("gateway", ["gateway"], settings)
        yield self._make_role("worker and provider", ["worker", "provider"], settings)

    def _make_role(self, name: str, roles: Sequence[ProcessRole], settings: Settings) -> RoleProcess:
        listening = {name: self._sockets[name] for role in roles for name in LISTENERS.get(role, ())}
        return RoleProcess(name, roles, listening, settings, self._serve)

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
        await end(*self._keepers)
        await asyncio.gather(*(role.stop() for role in self.roles))
        await self.engines.stop()
