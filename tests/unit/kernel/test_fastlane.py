"""The fast lane against hostile, slow, hasty and vanishing clients."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvloop
from tests.unit.kernel.lanes import CLOSING, LONG, Site, request, site

from septet.kernel.fastlane import render_headers

Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
ECHO = request("POST", "/echo?q=1", b"hello")
ECHO_HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = b"GET /s/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
async def lane() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


@pytest.fixture(scope="module")
async def ordinary() -> AsyncIterator[Site]:
    async with site(in_lane=False) as running:
        yield running


def counts(running: Site) -> tuple[int, int, int]:
    assert running.lane is not None
    return running.lane.counts.requests, running.lane.counts.declines, running.lane.counts.handovers


async def test_hot_request_never_reaches_the_ordinary_application(lane: Site) -> None:
    before = counts(lane)
    conversation = await lane.exchange([ECHO, request("GET", "/s/abc", None, "Connection: close")])
    assert conversation.statuses == [200, 302]
    assert conversation.bodies == [b"q=1|hello", b""]
    assert conversation.closed
    assert all(answer.dated for answer in conversation.answers)
    requests, declines, handovers = counts(lane)
    assert (requests - before[0], declines - before[1], handovers - before[2]) == (2, 0, 0)


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, id="cl-te"),
        pytest.param(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED, id="te-cl"),
        pytest.param(b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello", id="te-odd"),
        pytest.param(b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", id="te-space-before-colon"),
        pytest.param(b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", id="two-lengths"),
        pytest.param(b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", id="same-length-twice"),
        pytest.param(b"Content-Length: 5, 5\r\n\r\nhello", id="length-list"),
        pytest.param(b"Content-Length: +5\r\n\r\nhello", id="length-sign"),
        pytest.param(b"Content-Length: 0x5\r\n\r\nhello", id="length-hex"),
        pytest.param(b"Content-Length: 5_0\r\n\r\nhello", id="length-underscore"),
        pytest.param(b"Content-Length: -5\r\n\r\nhello", id="length-negative"),
        pytest.param(b"Content-Length:\r\n\r\n", id="length-empty"),
        pytest.param(b"Content-Length: 99999999999999999999999\r\n\r\nhello", id="length-overflow"),
        pytest.param(b"Content-Length : 5\r\n\r\nhello", id="space-before-colon"),
        pytest.param(b" Content-Length: 5\r\n\r\nhello", id="space-before-name"),
        pytest.param(b"X-Folded: a\r\n b\r\nContent-Length: 5\r\n\r\nhello", id="folded"),
        pytest.param(b"X-Folded: a\r\n\tContent-Length: 5\r\n\r\n" + SMUGGLED, id="folded-length"),
        pytest.param(b"Content-Length: 5\n\nhello", id="bare-newlines"),
        pytest.param(b"X: a\nContent-Length: 5\r\n\r\nhello", id="bare-newline-inside"),
        pytest.param(b"X: a\rContent-Length: 5\r\n\r\nhello", id="bare-return-inside"),
        pytest.param(b"X: a\r\n\nContent-Length: 5\r\n\r\nhello", id="early-end"),
        pytest.param(b"X: a\x00b\r\nContent-Length: 5\r\n\r\nhello", id="nul-in-value"),
        pytest.param(b"X\x00: a\r\nContent-Length: 5\r\n\r\nhello", id="nul-in-name"),
        pytest.param(b"X\xff: a\r\nContent-Length: 5\r\n\r\nhello", id="byte-in-name"),
        pytest.param(b"no colon\r\nContent-Length: 5\r\n\r\nhello", id="no-colon"),
        pytest.param(b": empty\r\nContent-Length: 5\r\n\r\nhello", id="no-name"),
        pytest.param(b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", id="expect"),
        pytest.param(b"Connection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n", id="upgrade"),
        pytest.param(b"Connection: close, keep-alive\r\nContent-Length: 5\r\n\r\nhello", id="connection-both"),
    ],
)
async def test_two_readings_are_never_the_lanes(lane: Site, ordinary: Site, attack: bytes) -> None:
    before = counts(lane)[0]
    answered = await lane.exchange([ECHO_HEAD + attack])
    assert counts(lane)[0] == before
    expected = await ordinary.exchange([ECHO_HEAD + attack])
    if 100 in expected.statuses:
        assert answered.statuses == expected.statuses
    else:
        assert answered == expected


@pytest.mark.parametrize(
    "line",
    [
        b"POST /echo HTTP/1.0", b"POST /echo HTTP/2.0", b"POST /echo HTTP/1.1 ", b"POST  /echo HTTP/1.1", b"POST /echo",
        b"post /echo HTTP/1.1", b"POST http://x/echo HTTP/1.1", b"POST /echo#f HTTP/1.1", b"POST /%65cho HTTP/1.1",
        b"POST /echo/ HTTP/1.1", b"PUT /echo HTTP/1.1", b"GET /s/\xff HTTP/1.1", b"GET /s/a%20b HTTP/1.1",
        b"POST /echo?q  HTTP/1.1",
        b"GET /s/a b HTTP/1.1", b"GET /s/a\x00 HTTP/1.1", b"\r\nPOST /echo HTTP/1.1", b"\x16\x03\x01",
        b"PRI * HTTP/2.0", b"",
    ],
)  # fmt: skip
async def test_odd_request_lines_are_never_the_lanes(lane: Site, ordinary: Site, line: bytes) -> None:
    before = counts(lane)[0]
    attack = line + b"\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    assert await lane.exchange([attack]) == await ordinary.exchange([attack])
    assert counts(lane)[0] == before


async def test_split_at_every_byte(lane: Site) -> None:
    stream = (
        ECHO + request("GET", "/s/abc") + request("POST", "/later", b"\r\n\r\n") + request("HEAD", "/sized")
        + request("GET", "/ordinary") + request("POST", "/echo", b"after") + CLOSING
    )  # fmt: skip
    whole = await lane.exchange([stream], quiet_seconds=LONG)
    assert whole.statuses == [200, 302, 200, 200, 200, 200, 200]
    assert whole.bodies == [b"q=1|hello", b"", b"\r\n\r\n", b"", b"ordinary", b"|after", b"ordinary"]
    for start in range(1, len(stream), 40):
        positions = range(start, min(start + 40, len(stream)))
        halves = await asyncio.gather(
            *(
                lane.exchange([stream[:position], stream[position:]], pause=0.002, quiet_seconds=LONG)
                for position in positions
            )
        )
        assert all(conversation == whole for conversation in halves)
    bytewise = [stream[n : n + 1] for n in range(len(stream))]
    assert await lane.exchange(bytewise, quiet_seconds=LONG) == whole


async def test_pipelined_requests_are_answered_in_order(lane: Site) -> None:
    delays = [5, 0, 3, 1, 0, 4, 2, 0] * 8
    stream = [request("POST", "/later", b"%d" % n, f"X-Delay-Ms: {delay}") for n, delay in enumerate(delays)]
    conversation = await lane.exchange([b"".join(stream) + CLOSING])
    assert conversation.bodies == [b"%d" % n for n in range(len(delays))] + [b"ordinary"]


@pytest.mark.parametrize("late", [(), ("X-Late: 1",)])
async def test_declined_request_runs_once_and_so_do_those_behind_it(late: tuple[str, ...]) -> None:
    async with site() as running:
        stream = [ECHO, request("POST", "/rare", b"1", *late), request("POST", "/later", b"2"), ECHO, CLOSING]
        conversation = await running.exchange([b"".join(stream)])
        assert conversation.bodies == [b"q=1|hello", b"rare:1", b"2", b"q=1|hello", b"ordinary"]
        assert running.executions.names == ["echo", "rare", "later", "echo"]
        assert counts(running) == (2, 1, 1)


@pytest.mark.parametrize("path", ["/broken", "/broken-later"])
async def test_failing_route_is_a_500_and_harms_nothing(lane: Site, path: str) -> None:
    conversation = await lane.exchange([request("GET", path) + ECHO + CLOSING])
    assert conversation.statuses == [500, 200, 200]
    assert (b"content-type", b"application/problem+json") in conversation.answers[0].headers
    assert b"broken on purpose" not in conversation.bodies[0]


async def test_an_answer_is_given_once(eventually: Eventually) -> None:
    async with site() as running:
        _, writer = await running.connect()
        writer.write(request("GET", "/held"))
        await eventually(lambda: bool(running.executions.held))
        answer = running.executions.held[0]
        answer(204, b"")
        for second in (lambda: answer(204, b""), answer.decline):
            with pytest.raises(RuntimeError):
                second()
        writer.close()


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: x", b"a\nb", b"a\x00b"])
def test_no_header_breaks_out_of_its_line(value: bytes) -> None:
    with pytest.raises(ValueError):
        render_headers([(b"location", value)])


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /s/" + b"a" * 20_000, id="line-without-end"),
        pytest.param(b"GET /s/" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="line"),
        pytest.param(ECHO_HEAD + b"X: " + b"a" * 20_000, id="header-without-end"),
        pytest.param(ECHO_HEAD + b"X: a\r\n" * 4000 + b"\r\n", id="headers"),
    ],
)
async def test_long_head_is_refused(lane: Site, head: bytes) -> None:
    conversation = await lane.exchange([head])
    assert conversation.statuses == [431]
    assert conversation.closed


async def test_long_body_is_the_ordinary_endpoints(ordinary: Site) -> None:
    async with site(max_body=1000) as running:
        for size, in_lane in ((1000, 1), (1001, 0)):
            before = counts(running)[0]
            body = b"x" * size
            answered = await running.exchange([request("POST", "/echo", body, "Connection: close")])
            assert answered == await ordinary.exchange([request("POST", "/echo", body, "Connection: close")])
            assert counts(running)[0] - before == in_lane


async def test_large_body_in_small_pieces(lane: Site) -> None:
    body = bytes(range(256)) * 4000
    stream = request("POST", "/echo", body) + CLOSING
    conversation = await lane.exchange([stream[at : at + 10_000] for at in range(0, len(stream), 10_000)])
    assert conversation.bodies == [b"|" + body, b"ordinary"]


@pytest.mark.parametrize("part", [b"PO", ECHO_HEAD, ECHO_HEAD + b"Content-Length: 99\r\n\r\n", ECHO + b"GET /s"])
async def test_slow_sender_is_ended(part: bytes) -> None:
    async with site(request_seconds=0.2) as running:
        reader, writer = await running.connect()
        writer.write(part)
        reading = asyncio.create_task(reader.read())
        started = time.monotonic()
        while not reading.done():  # a byte now and then does not help
            writer.write(b"x")
            await asyncio.wait([reading], timeout=0.05)
        assert b"HTTP/1.1 408 Request Timeout" in reading.result()
        assert time.monotonic() - started < 1
        writer.close()


@pytest.mark.parametrize("first", [b"", ECHO])
async def test_idle_connections_are_ended(first: bytes) -> None:
    async with site(keep_alive_seconds=1, request_seconds=0.4) as running:
        reader, writer = await running.connect()
        writer.write(first)
        started = time.monotonic()
        assert (await asyncio.wait_for(reader.read(), 5)).count(b"HTTP/1.1 200") == len(first[:1])
        assert 0.8 < time.monotonic() - started < 2
        writer.close()


async def test_half_open_connections_are_limited(eventually: Eventually) -> None:
    async with site(max_half_open=10) as running:
        assert running.lane is not None
        reader, writer = await running.connect()
        writer.write(ECHO)  # a connection that has sent a request is none of them
        await reader.readuntil(b"hello")
        idle = [await running.connect() for _ in range(30)]
        await eventually(lambda: running.lane is not None and len(running.lane.half_open) == 10)
        writer.write(ECHO)
        await reader.readuntil(b"hello")
        idle[-1][1].write(ECHO)
        await idle[-1][0].readuntil(b"hello")
        for _, each in (*idle, (reader, writer)):
            each.close()


async def test_vanished_client_harms_nothing(lane: Site, eventually: Eventually) -> None:
    assert lane.lane is not None
    before = len(lane.executions.held)
    for payload in (request("GET", "/held"), request("GET", "/held") + ECHO, ECHO[:-2], request("GET", "/big") * 50):
        reader, writer = await lane.connect()
        writer.write(payload)
        if b"held" in payload:
            wanted = len(lane.executions.held) + 1
            await eventually(lambda wanted=wanted: len(lane.executions.held) == wanted)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not a clean end
        writer.transport.abort()
        del reader
    await eventually(lambda: lane.lane is not None and not lane.lane.connections)
    for answer in lane.executions.held[before:]:
        answer(200, b"", b"nobody hears this")
    assert (await lane.exchange([ECHO + CLOSING])).statuses == [200, 200]


async def test_client_that_does_not_read_stops_the_work_then_is_ended(eventually: Eventually) -> None:
    async with site(request_seconds=0.5) as running:
        assert running.lane is not None
        _, writer = await running.connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(request("GET", "/big") * 2000)
        await eventually(lambda: counts(running)[0] > 0)
        await eventually(lambda: running.lane is not None and not running.lane.connections)
        assert counts(running)[0] < 100  # what fits into the sockets' buffers, of 500 MB
        writer.close()


async def test_slow_reader_gets_everything() -> None:
    async with site() as running:
        reader, writer = await running.connect()
        writer.write(request("GET", "/big") * 100 + CLOSING)
        received = 0
        while data := await reader.read(300_000):
            received += data.count(b"x")
            await asyncio.sleep(0)
        assert received >= 100 * 262_144
        writer.close()


async def test_hasty_sender_is_made_to_wait(eventually: Eventually) -> None:
    async with site() as running:
        assert running.lane is not None
        reader, writer = await running.connect()
        writer.write(request("GET", "/held") + request("POST", "/echo", b"y" * 1000) * 20_000)
        await eventually(lambda: bool(running.executions.held))
        await asyncio.sleep(0.2)  # time to read more, if it did
        assert running.lane.counts.bytes_in < 1_000_000
        running.executions.held[0](200, b"", b"at last")
        assert (await reader.readuntil(b"at last")).startswith(b"HTTP/1.1 200 OK\r\n")
        await eventually(lambda: counts(running)[0] > 1)
        writer.transport.abort()  # a clean end would first send the rest, which nobody reads the answers of


async def test_graceful_shutdown_finishes_what_is_in_hand(eventually: Eventually) -> None:
    async with site() as running:
        idle, idle_writer = await running.connect()
        idle_writer.write(ECHO)
        await idle.readuntil(b"hello")
        busy, busy_writer = await running.connect()
        busy_writer.write(request("GET", "/held") + ECHO)
        declining, declining_writer = await running.connect()
        declining_writer.write(request("GET", "/held"))
        await eventually(lambda: len(running.executions.held) == 2)
        running.server.should_exit = True
        assert await asyncio.wait_for(idle.read(), 5) == b""
        running.executions.held[0](200, b"", b"finished")
        answer = await asyncio.wait_for(busy.read(), 5)
        assert answer.endswith(b"connection: close\r\n\r\nfinished")
        running.executions.held[1].decline()
        answer = await asyncio.wait_for(declining.read(), 5)
        assert answer.startswith(b"HTTP/1.1 404")
        assert b"connection: close" in answer
        for writer in (idle_writer, busy_writer, declining_writer):
            writer.close()


def test_on_uvloop() -> None:
    async def scenario() -> None:
        async with site(request_seconds=0.3, keep_alive_seconds=1) as running:
            stream = (
                ECHO + request("POST", "/later", b"1") + request("POST", "/rare", b"2", "X-Late: 1") + ECHO + CLOSING
            )
            for step in (1, 7, 1000):
                pieces = [stream[at : at + step] for at in range(0, len(stream), step)]
                conversation = await running.exchange(pieces)
                assert conversation.bodies == [b"q=1|hello", b"1", b"rare:2", b"q=1|hello", b"ordinary"]
            reader, writer = await running.connect()
            writer.write(request("GET", "/big") * 100)
            await asyncio.sleep(0)
            assert (await reader.readexactly(262_144)).startswith(b"HTTP/1.1 200 OK")
            writer.close()
            assert (await running.exchange([ECHO_HEAD], pause=0.6)).statuses == [408]

    uvloop.run(scenario())
