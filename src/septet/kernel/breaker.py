"""A circuit breaker: an engine that is down answers `EngineUnavailable` at once instead of making everyone wait for it.

Closed: calls pass. After `failure_threshold` outages in a row it opens: calls are refused. Every `recovery_seconds`
one call passes as a probe (half-open); its success closes the breaker, its failure keeps it open.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from septet.kernel.errors import EngineUnavailable


class CircuitBreaker:
    """Guards the calls to one engine, whose `name` is what people read in the refusal.

    `monotonic` gives seconds that only ever grow; a virtual clock must not open or close breakers.
    """

    def __init__(
        self,
        name: str,
        failure_threshold: int = 3,
        recovery_seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._failure_threshold = failure_threshold
        self._recovery_seconds = recovery_seconds
        self._monotonic = monotonic
        self._failures = 0
        self._probe_at = 0.0

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        if self._failures < self._failure_threshold:
            return "closed"
        return "open" if self._monotonic() < self._probe_at else "half-open"

    @contextmanager
    def guard(self, is_outage: Callable[[BaseException], bool]) -> Iterator[None]:
        """Run the block unless the breaker is open. An exception counts against the engine when `is_outage` says so.

        Any other is an answer, so the engine is there: a server that was started again tells a script's call that it
        does not know the script. Raises EngineUnavailable without entering the block while the engine is down.
        """
        self.check()
        try:
            yield
        except EngineUnavailable:
            raise  # said by ourselves, within the block
        except Exception as error:
            if is_outage(error):
                self.failed()
            else:
                self.succeeded()
            raise
        self.succeeded()

    def check(self) -> None:
        """Raises EngineUnavailable while the engine is down; lets one probe through every `recovery_seconds`."""
        if self._failures < self._failure_threshold:
            return
        now = self._monotonic()
        if now < self._probe_at:
            raise EngineUnavailable(self.name, retry_after=max(1, math.ceil(self._probe_at - now)))
        # A probe that is never reported (its caller was cancelled) must not keep the breaker half-open for ever.
        self._probe_at = now + self._recovery_seconds

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._probe_at = self._monotonic() + self._recovery_seconds
