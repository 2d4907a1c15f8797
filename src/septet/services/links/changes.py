"""Edits made known: every process forgets what it knew *before* the edit commits, and again after.

Before the commit, a tombstone with a mark of this edit replaces what Valkey holds. After it, the new state replaces the
tombstone, unless another edit has put its own there. It is replaced and not removed, because whoever read the old state
before the tombstone came may still try to store it, and `SET … NX` refuses that only while something is there.
"""

from collections.abc import Mapping
from contextlib import suppress

from septet.kernel.errors import EngineUnavailable
from septet.kernel.uow import UnitOfWork
from septet.services.links.directory import (
    CHANNEL,
    TOMBSTONE,
    Destination,
    Place,
    cache_key,
    cached_as,
    destination_of,
)
from septet.services.links.models import Link

TOMBSTONE_SECONDS = 30
_REPLACE = """
for number, place in ipairs(KEYS) do
  if redis.call('GET', place) == ARGV[1] then
    redis.call('SET', place, ARGV[2 * number], 'EX', ARGV[2 * number + 1])
  end
end
"""


def announce_changes(uow: UnitOfWork, links: Mapping[Place, Link | None]) -> None:
    """Once this unit of work commits, these links, as they are then, are at these places; None: nothing is."""
    tombstone = TOMBSTONE + uow.new_id().hex.encode()
    payload = "\n".join("/".join(place) for place in links).encode()
    destinations: dict[Place, Destination | None] = {}

    async def bury() -> None:
        destinations.update({place: destination_of(link) if link else None for place, link in links.items()})
        async with uow.runtime.valkey.client.pipeline(transaction=False) as batch:
            for place in links:
                batch.execute_command("SET", cache_key(place), tombstone, "EX", TOMBSTONE_SECONDS)
            await batch.execute()
        await uow.runtime.broadcast.publish(CHANNEL, payload)

    async def show() -> None:
        with suppress(EngineUnavailable):  # the tombstone goes by itself
            await _replace(uow, tombstone, destinations)
            await uow.runtime.broadcast.publish(CHANNEL, payload)

    uow.before_commit(bury)
    uow.after_commit(show)


async def _replace(uow: UnitOfWork, tombstone: bytes, destinations: Mapping[Place, Destination | None]) -> None:
    keys = [cache_key(place) for place in destinations]
    values = [part for destination in destinations.values() for part in cached_as(destination)]
    replace = uow.runtime.pipeline.script(_REPLACE)
    await uow.runtime.pipeline.call(b"EVALSHA", replace, len(keys), *keys, tombstone, *values)
