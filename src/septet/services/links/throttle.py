"""Counting what one address does within a window, shared by all processes. Addresses are kept as keyed hashes only."""

from hashlib import blake2b
from typing import Any

from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.kernel.valkey import key

_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class Throttle:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._pipeline = runtime.pipeline
        self._secret = runtime.secrets.derive("links throttle")
        self._count = runtime.pipeline.script(_COUNT)

    async def count(self, what: str, who: str, seconds: int) -> int:
        """How often this happened within the window, this time included. 1 while Valkey cannot tell."""
        digest = blake2b(who.encode(), key=self._secret, digest_size=12).hexdigest()
        try:
            counted: Any = await self._pipeline.call(
                b"EVALSHA", self._count, 1, key("links", "links", what, digest), seconds
            )
        except EngineUnavailable:
            return 1
        return int(counted)
