"""One process that holds one or several roles: `python -m septet run web …`, with inherited sockets."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence

START_SECONDS = 60.0
KILL_SECONDS = 5.0
PR_SET_PDEATHSIG = 1


class RoleFailed(Exception):
    """A role ended, or did not answer, before it was ready."""


class RoleProcess:
    """A role's child process; has the shape of an engine, so that one loop restarts both."""

    def __init__(
        self,
        name: str,
        roles: Sequence[str],
        sockets: Mapping[str, socket.socket],
        environment: Mapping[str, str],
        drain_seconds: float,
    ) -> None:
        self.name = name
        self.roles = roles
        self._sockets = sockets
        self._environment = environment
        self._drain_seconds = drain_seconds
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it and return once it serves.

        Raises RoleFailed when it ends before, or takes longer than a minute.
        """
        ready, tell_ready = os.pipe()
        try:
            try:
                await self._spawn(tell_ready)
            finally:
                os.close(tell_ready)
            async with asyncio.timeout(START_SECONDS):
                told = await _first_byte(ready)
        except TimeoutError:
            await self._kill()
            raise RoleFailed(f"{self.name} did not get ready within {START_SECONDS:.0f} s; its log is above.") from None
        except BaseException:
            await self._kill()
            raise
        finally:
            os.close(ready)
        if not told:
            code = await self.wait()
            raise RoleFailed(f"{self.name} {how_it_ended(code)} before it was ready; its last words are above.")

    async def _spawn(self, tell_ready: int) -> None:
        arguments = [sys.executable, "-m", "septet", "run", ",".join(self.roles)]
        arguments += ["--supervisor", str(os.getpid()), "--ready-fd", str(tell_ready)]
        for name, listening in self._sockets.items():
            arguments += ["--socket", f"{name}={listening.fileno()}"]
        self._process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self._environment},
            pass_fds=[tell_ready, *(listening.fileno() for listening in self._sockets.values())],
            process_group=0,  # Ctrl-C is for the supervisor, which stops all in order
        )

    async def wait(self) -> int:
        """Exit code once it has ended; negative: killed by that signal."""
        assert self._process, "started before it is awaited"
        return await self._process.wait()

    async def stop(self) -> None:
        """Let it finish what is in flight; kill it when that takes longer than it may."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(self._drain_seconds + KILL_SECONDS):
                await self._process.wait()
        except TimeoutError:
            await self._kill()

    async def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


async def _first_byte(descriptor: int) -> bytes:
    """Read the byte that says "ready"; nothing when the other end closed first."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, arrived.set_result, None)
    try:
        await arrived
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, 1)


def how_it_ended(code: int) -> str:
    """Say in words what an exit code means."""
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with status {code}"


def die_with(supervisor: int) -> None:
    """Called first in a role: have the kernel kill it when its supervisor is gone (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != supervisor:
        sys.exit("The supervisor is gone.")
