"""An SMTP server that takes everything at once and counts it, so that the sender is what is measured."""

import asyncio
import threading


class Sink:
    """`taken` counts messages."""

    def __init__(self) -> None:
        self.taken = 0


class _Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink, self._buffer, self._in_data = sink, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_data else b"\r\n"
            head, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            if self._in_data:
                self._in_data = False
                self._sink.taken += 1
                self._transport.write(b"250 taken\r\n")
            else:
                self._command(head[:4].upper())

    def _command(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._in_data = True
            self._transport.write(b"354 go on\r\n")
        elif verb == b"EHLO":
            self._transport.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 ok\r\n")


def start_sink(port: int) -> Sink:
    """A sink on this port, in a thread that lasts as long as the process."""
    sink, loop = Sink(), asyncio.new_event_loop()
    loop.run_until_complete(loop.create_server(lambda: _Connection(sink), "127.0.0.1", port))
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return sink
