"""Valkey's part: every key of Septet as DUMP tells it, with the moment it expires.

A record is: length of key, expiry in Unix milliseconds (0: never), length of payload, key, payload; big-endian.
"""

import struct
from collections.abc import AsyncIterator, Iterator

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from septet.engines.backup.archive import ArchiveReader, ArchiveWriter, Count
from septet.engines.errors import EngineError

MEMBER = "valkey.keys"
OURS = "septet:*"
BATCH = 512
HEADER = struct.Struct(">IQI")
NO_KEY = -2


class ValkeyData:
    """The keys `septet:…` of the server or cluster that `url` names."""

    def __init__(self, url: str) -> None:
        self._clustered = url.startswith("redis+cluster://")
        self._client: Redis | RedisCluster = (
            RedisCluster.from_url(url.replace("redis+cluster://", "redis://", 1))
            if self._clustered
            else Redis.from_url(url)
        )

    async def dump(self, archive: ArchiveWriter, count: Count) -> None:
        """Write all keys to the archive. Raises EngineError."""
        done = 0
        with archive.member(MEMBER) as member:
            try:
                total = await self._size()
                async for keys in self._keys():
                    for key, expires, payload in await self._read(keys):
                        member.write(HEADER.pack(len(key), expires, len(payload)) + key + payload)
                        done += 1
                    count(done, max(total, done))
            except (RedisError, OSError) as error:
                raise EngineError(f"Valkey cannot be read: {error}.") from error
        archive.facts["valkeyKeys"] = done
        count(done, done)

    async def is_empty(self) -> bool:
        """Whether there is no key of ours. Raises EngineError."""
        try:
            async for keys in self._keys():
                if keys:
                    return False
        except (RedisError, OSError) as error:
            raise EngineError(f"Valkey cannot be reached: {error}.") from error
        return True

    async def clear(self) -> None:
        """Delete our keys. Raises EngineError."""
        try:
            async for keys in self._keys():
                await self._client.unlink(*keys)
        except (RedisError, OSError) as error:
            raise EngineError(f"Valkey cannot be cleared: {error}.") from error

    async def load(self, archive: ArchiveReader, count: Count) -> None:
        """Restore all keys; those that expired in the meantime stay away. Raises EngineError."""
        done, total = 0, int(archive.manifest["valkeyKeys"])
        try:
            for batch in _batches(_records(archive.read(MEMBER))):
                pipeline = self._client.pipeline(transaction=False)
                for key, expires, payload in batch:
                    words = (key, expires, payload, "REPLACE", "ABSTTL")
                    pipeline.execute_command("RESTORE", *words)
                await pipeline.execute()
                done += len(batch)
                count(done, total)
        except (RedisError, OSError) as error:
            raise EngineError(
                f"Valkey refused a key: {error}. Its version must not be older than that of the backup."
            ) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _size(self) -> int:
        return int(await self._client.dbsize())

    async def _keys(self) -> AsyncIterator[list[bytes]]:
        batch = []
        async for key in self._client.scan_iter(match=OURS, count=BATCH):
            batch.append(key)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _read(self, keys: list[bytes]) -> list[tuple[bytes, int, bytes]]:
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.execute_command("PEXPIRETIME", key)
            pipeline.execute_command("DUMP", key)
        answers = await pipeline.execute()
        pairs = zip(answers[::2], answers[1::2], strict=True)
        return [
            (key, max(expires, 0), payload)
            for key, (expires, payload) in zip(keys, pairs, strict=True)
            if payload is not None and expires != NO_KEY
        ]


def _records(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        offset = 0
        while len(buffer) - offset >= HEADER.size:
            key_length, expires, payload_length = HEADER.unpack_from(buffer, offset)
            start = offset + HEADER.size
            end = start + key_length + payload_length
            if len(buffer) < end:
                break
            yield bytes(buffer[start : start + key_length]), expires, bytes(buffer[start + key_length : end])
            offset = end
        del buffer[:offset]


def _batches(records: Iterator[tuple[bytes, int, bytes]]) -> Iterator[list[tuple[bytes, int, bytes]]]:
    batch = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
