"""What is told of work that goes on for ever, whatever befalls it.

    outages = Outages("clicks")
    while True:
        with outages.survived():
            await turn()

An outage is expected: one line names the engine when it begins, and one when it is over. Anything else is a defect, and
has its traceback each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.telemetry import log


class Outages:
    """`work` is what waits meanwhile, as operators know it; several loops of the same work may share one."""

    def __init__(self, work: str) -> None:
        self._work = work
        self._missing: str | None = None

    @contextmanager
    def survived(self) -> Iterator[None]:
        """Whatever fails in the block is told, and goes no further."""
        try:
            yield
        except Exception as error:
            self.failed(error)
        else:
            self.succeeded()

    def failed(self, error: Exception, **about: Any) -> None:
        engine = missing_engine(error)
        if engine is None:
            log.error(f"{self._work}: a defect", exc_info=error, **about)
        elif engine != self._missing:
            self._missing = engine
            log.warning(f"{self._work}: waiting for {engine}", error=str(error), **about)

    def succeeded(self) -> None:
        if self._missing is not None:
            log.info(f"{self._work}: {self._missing} is back")
            self._missing = None


def missing_engine(error: BaseException) -> str | None:
    """The engine that was away or full, be it behind an error of those who cleaned up after it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (EngineUnavailable, StorageFull)):
            return str(seen.extra["engine"])
        seen = seen.__cause__ or seen.__context__
    return None
