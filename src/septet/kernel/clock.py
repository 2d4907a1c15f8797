"""The only source of time. Everything asks `Clock.now()`; nothing calls `datetime.now` or SQL's `now()`.

A virtual clock starts at the real time and runs at its pace; `advance` moves it forward. All processes of one
installation share the offset: it lives in Valkey and its changes are broadcast.
"""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from septet.kernel.ids import uuid7

OFFSET_KEY = "septet:clock:offset"
OFFSET_CHANNEL = "septet:clock"


class Clock:
    """Wall-clock time in UTC, plus a shared offset in seconds that is zero unless the clock is virtual."""

    def __init__(self, *, virtual: bool = False) -> None:
        self.virtual = virtual
        self.offset_seconds = 0.0

    def unix(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.offset_seconds

    def unix_ms(self) -> int:
        """Milliseconds since 1970."""
        return int(self.unix() * 1000)

    def now(self) -> datetime:
        """Time-zone aware, UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def new_id(self) -> UUID:
        """A UUIDv7 of this clock's time."""
        return uuid7(self.unix_ms())

    def real(self, moment: datetime) -> datetime:
        """When `moment` of this clock happens on the machine's own clock (what PostgreSQL compares with)."""
        return moment - timedelta(seconds=self.offset_seconds)

    def move_to(self, offset_seconds: float) -> None:
        """Take over the offset that some process announced. It never goes back."""
        if self.virtual:
            self.offset_seconds = max(self.offset_seconds, offset_seconds)
