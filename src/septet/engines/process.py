"""One server as a child process that owns one directory.

The directory is claimed with `flock`, so a second start is refused while the first lives and nothing stale remains
after `kill -9`. A server that outlived its killed parent is recognised by its command line, which names the directory,
and ended before the next one starts; a foreign process that merely got the same pid is never touched.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from septet.engines.account import Account
from septet.engines.errors import EngineError

PR_SET_PDEATHSIG = 1
KILL_SECONDS = 5.0
LOG_LIMIT_BYTES = 16 * 1024 * 1024


class ChildProcess:
    """Spawns, watches and ends the server of one directory. Must be started from a thread that outlives the server."""

    def __init__(self, name: str, directory: Path, *, stop_signal: signal.Signals, stop_seconds: float) -> None:
        self.name = name
        self.directory = directory
        self.log_file = directory / f"{name}.log"
        self._pid_file = directory / "pid"
        self._lock_file = directory / "lock"
        self._stop_signal = stop_signal
        self._stop_seconds = stop_seconds
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._exited: asyncio.Future[int] | None = None
        self._log_offset = 0

    @property
    def pid(self) -> int | None:
        """Process id while the server runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def claim(self) -> None:
        """Take the directory for this process and end what a killed predecessor left running in it.

        Raises EngineError when another live process has the directory.
        """
        if self._lock is not None:
            return
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(lock)
            raise EngineError(
                f"{self.name}: {self.directory} is in use by process {owner}. "
                "Stop that one first, or choose another data directory."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock
        await self._end_orphan()

    async def spawn(
        self, arguments: Sequence[str], *, account: Account | None = None, environment: dict[str, str] | None = None
    ) -> None:
        """Start the server in its own process group (Ctrl-C is for the parent), as `account` when given.

        Raises EngineError when the program cannot be executed.
        """
        await self.claim()
        self._rotate_log()
        with self.log_file.open("ab") as log:
            self._log_offset = log.tell()
            try:
                # asyncio's own subprocesses cannot change the user under uvloop; this blocks for a few milliseconds.
                self._process = subprocess.Popen(  # noqa: ASYNC220
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.directory,
                    env={**os.environ, **(environment or {})},
                    process_group=0,
                    preexec_fn=_die_with_parent(self._stop_signal),
                    **(account.credentials() if account else {}),
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise EngineError(f"{self.name}: cannot execute {arguments[0]}: {error}.") from error
        self._pid_file.write_text(str(self._process.pid))
        self._exited = _watch(self._process, f"{self.name}-exit")

    async def ready(self, probe: Callable[[], bool], seconds: float) -> bool:
        """Wait until `probe` holds. False when the server ended before; raises EngineError after `seconds`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await asyncio.to_thread(probe):
            if self.pid is None:
                return False
            if asyncio.get_running_loop().time() > deadline:
                await self.stop()
                raise EngineError(f"{self.name} did not answer within {seconds:.0f} s. {self.explain()}")
            await asyncio.sleep(0.01)
        return True

    async def wait(self) -> int:
        """Exit code of the server once it has ended (negative: killed by that signal)."""
        if self._exited is None:
            raise EngineError(f"{self.name} has not been started.")
        return await asyncio.shield(self._exited)

    async def stop(self) -> None:
        """End the server cleanly, by force after its time is up, and give the directory back."""
        if self._process is not None and self._exited is not None:
            for step, seconds in ((self._stop_signal, self._stop_seconds), (signal.SIGKILL, KILL_SECONDS)):
                if self._exited.done():
                    break
                self._process.send_signal(step)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(self._exited), seconds)
        self.release()

    def release(self) -> None:
        """Give the directory back."""
        self._pid_file.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def log_tail(self, lines: int = 6) -> str:
        """The last lines that this start wrote to the log."""
        with contextlib.suppress(OSError), self.log_file.open("rb") as log:
            log.seek(self._log_offset)
            return "\n".join(log.read().decode(errors="replace").strip().splitlines()[-lines:])
        return ""

    def explain(self) -> str:
        """The end of the log, for an error message."""
        return f"Its log ({self.log_file}) ends with:\n{self.log_tail()}"

    async def _end_orphan(self) -> None:
        orphan = self._orphan()
        if orphan is None:
            return
        for step, seconds in ((self._stop_signal, self._stop_seconds), (signal.SIGKILL, KILL_SECONDS)):
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.send_signal(step)  # type: ignore[no-untyped-call]
            with contextlib.suppress(psutil.TimeoutExpired):
                await asyncio.to_thread(orphan.wait, seconds)
                return
        raise EngineError(f"{self.name}: process {orphan.pid} of an earlier run in {self.directory} cannot be ended.")

    def _orphan(self) -> psutil.Process | None:
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int(self._pid_file.read_text()))  # type: ignore[no-untyped-call]
            if any(str(self.directory) in word for word in process.cmdline()):  # type: ignore[no-untyped-call]
                return process
        return None

    def _rotate_log(self) -> None:
        with contextlib.suppress(OSError):
            if self.log_file.stat().st_size > LOG_LIMIT_BYTES:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))


def _watch(process: subprocess.Popen[bytes], thread_name: str) -> asyncio.Future[int]:
    loop = asyncio.get_running_loop()
    exited: asyncio.Future[int] = loop.create_future()

    def settle(code: int) -> None:
        if not exited.done():
            exited.set_result(code)

    def report() -> None:
        code = process.wait()
        with contextlib.suppress(RuntimeError):  # the loop may be gone before the server
            loop.call_soon_threadsafe(settle, code)

    threading.Thread(target=report, name=thread_name, daemon=True).start()
    return exited


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What the child runs before exec, so that a killed parent takes it down. Linux; elsewhere `claim` mends it."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died between fork and here
            os._exit(1)

    return arm
