"""Requests at a fixed rate, whether or not answers come in time; a latency counts from when a request was due.

A closed loop hides a stall, since it asks nothing while it waits; this one does not (coordinated omission).
"""

import asyncio
import time

from benchmarks.cases import Round

CONNECTIONS = 16


async def paced(port: int, request: bytes, per_second: float, seconds: float) -> Round:
    """Send `request` this often for so long. Raises RuntimeError for any answer but 200."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    latencies: list[float] = []

    async def ask(due: float) -> None:
        reader, writer = await free.get()
        writer.write(request)
        await _read_answer(reader)
        latencies.append((time.perf_counter() - due) * 1000)
        free.put_nowait((reader, writer))

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            due = started + number / per_second
            await asyncio.sleep(max(0, due - time.perf_counter()))
            group.create_task(ask(due))
    passed = time.perf_counter() - started
    while not free.empty():
        free.get_nowait()[1].close()
    latencies.sort()
    return Round(len(latencies) / passed, latencies[int(0.99 * (len(latencies) - 1))])


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
    await reader.readexactly(int(length))
