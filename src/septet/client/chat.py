"""A client of Septet's chat gateway: reconnects, resumes, sends again what was not acknowledged, drops what it has.

async with ChatClient("ws://127.0.0.1:8001/", token) as chat:
    message = await chat.send(room_id, "Hello")          # stored when this returns, also across reconnections
    async for frame in chat.events():                    # every frame, in order, none twice
        print(frame["type"], chat.rooms[room_id].last_seq)
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from septet.client.chat_state import Frame, RoomState

LONGEST_BACKOFF_SECONDS = 5.0
PING_AFTER_SECONDS, PONG_WITHIN_SECONDS = 10.0, 5.0
MOST_EVENTS = 10_000


class ChatClosed(Exception):
    """The gateway closed the connection for good. `code`: why, as documented for the protocol."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"The gateway closed the connection: {code}.")


class ChatRefused(Exception):
    """The gateway refused a message; `code` is the problem's code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class ChatClient:
    """One user's view of their rooms. `url`: the gateway's; with several, another is tried each time.

    `from_start`: take in each room from its first message, not only what happens from now on.
    """

    def __init__(
        self, url: str | list[str], token: str, *, organization_id: str | None = None, from_start: bool = False
    ) -> None:
        self.rooms: dict[str, RoomState] = {}
        self.presence: dict[str, Frame] = {}
        self.user_id: str | None = None
        self.connections = 0
        self._watched: set[str] = set()
        self._urls = [url] if isinstance(url, str) else list(url)
        self._hello: Frame = {"type": "hello", "token": token}
        if organization_id is not None:
            self._hello["organizationId"] = organization_id
        self._from_start = from_start
        self._status: Frame | None = None
        self._unacknowledged: dict[str, tuple[Frame, asyncio.Future[Frame]]] = {}
        self._events: asyncio.Queue[Frame | None] | None = None
        self._transport: WSTransport | None = None
        self._running: asyncio.Task[None] | None = None
        self._welcomed = asyncio.Event()
        self._failed: ChatClosed | None = None

    async def __aenter__(self) -> Self:
        """Connect. Raises ChatClosed when the gateway refuses for good."""
        self._running = asyncio.create_task(self._stay_connected())
        welcomed = asyncio.create_task(self._welcomed.wait())
        await asyncio.wait({self._running, welcomed}, return_when=asyncio.FIRST_COMPLETED)
        welcomed.cancel()
        if self._failed is not None:
            raise self._failed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Disconnect; what is not acknowledged by now is given up."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        for _, acknowledged in self._unacknowledged.values():
            acknowledged.cancel()

    async def send(self, room_id: str, body: str, **fields: Any) -> Frame:
        """Send a message; returns its `ack` once it is stored, however often the connection breaks meanwhile.

        `fields`: `replyTo`, `attachments`, or a `clientMessageId` of one's own. Raises ChatRefused, ChatClosed.
        """
        if self._failed is not None:
            raise self._failed
        frame = {"type": "send", "roomId": room_id, "clientMessageId": uuid4().hex, "body": body, **fields}
        acknowledged: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._unacknowledged[frame["clientMessageId"]] = frame, acknowledged
        self._write(frame)
        return await acknowledged

    def read(self, room_id: str, seq: int) -> None:
        """Say how far the user has read."""
        self._write({"type": "read", "roomId": room_id, "seq": seq})

    def typing(self, room_id: str) -> None:
        """Say that the user is typing; call it with each key, the gateway thins it out."""
        self._write({"type": "typing", "roomId": room_id})

    def set_presence(self, status: str) -> None:
        """online, away or invisible; kept across reconnections."""
        self._status = {"type": "presence", "status": status}
        self._write(self._status)

    def subscribe(self, room_id: str) -> None:
        """Follow a public room without joining it, across reconnections."""
        self._watched.add(room_id)
        self._write({"type": "subscribe", "roomId": room_id})

    async def events(self) -> AsyncIterator[Frame]:
        """Every frame from now on. Ends when the client closes."""
        self._events = self._events or asyncio.Queue(MOST_EVENTS)
        while (frame := await self._events.get()) is not None:
            yield frame

    def drop(self) -> None:
        """Cut the connection without a word, as a bad network does; the client connects again."""
        if self._transport is not None:
            self._transport.disconnect(False)

    async def _stay_connected(self) -> None:
        failures = 0
        try:
            while True:
                listener = _Listener(self)
                await self._serve(listener)
                failures = 0 if listener.welcomed else failures + 1
                await asyncio.sleep(self._pause(listener, failures))
        except ChatClosed as closed:
            self._fail(closed)
        finally:
            if self._events is not None and not self._events.full():
                self._events.put_nowait(None)

    async def _serve(self, listener: "_Listener") -> None:
        """One connection, from its making to its end; one that died without a word ends when it answers no ping."""
        url = self._urls[self.connections % len(self._urls)]
        self.connections += 1
        try:
            transport, _ = await ws_connect(
                lambda: listener,
                url,
                enable_auto_ping=True,
                auto_ping_idle_timeout=PING_AFTER_SECONDS,
                auto_ping_reply_timeout=PONG_WITHIN_SECONDS,
            )
            await transport.wait_disconnected()
        except (OSError, WSError, TimeoutError):
            return
        finally:
            self._transport = None

    def _pause(self, listener: "_Listener", failures: int) -> float:
        """Seconds until the next attempt: what the gateway asked for, else a growing random pause."""
        if listener.closed is not None and not listener.closed.get("resume", True):
            raise ChatClosed(listener.closed["code"])
        if listener.closed is not None and "retryAfterMs" in listener.closed:
            return float(listener.closed["retryAfterMs"]) / 1000
        return random.uniform(0, min(LONGEST_BACKOFF_SECONDS, 0.05 * 2**failures))  # noqa: S311

    def _fail(self, closed: ChatClosed) -> None:
        self._failed = closed
        for _, acknowledged in self._unacknowledged.values():
            if not acknowledged.done():
                acknowledged.set_exception(closed)

    def _connected(self, transport: WSTransport) -> None:
        self._transport = transport
        rooms = {room.id: {"seq": room.last_seq, "version": room.version} for room in self.rooms.values()}
        self._write(self._hello | {"rooms": rooms})

    def _write(self, frame: Frame) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, json.dumps(frame).encode())

    def _received(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self._welcome(frame)
        elif kind in ("ack", "error") and frame.get("clientMessageId") in self._unacknowledged:
            self._answered(frame)
        elif kind == "presence":
            self.presence[frame["userId"]] = frame
        elif kind == "left" or (kind == "error" and frame["code"] == "room_not_found"):
            self.rooms.pop(frame.get("roomId", ""), None)
        elif "roomId" in frame:
            self._in_room(frame)
        if self._events is not None and not self._events.full():
            self._events.put_nowait(frame)

    def _welcome(self, frame: Frame) -> None:
        self.user_id = frame["userId"]
        self._welcomed.set()
        if self._status is not None:
            self._write(self._status)
        for room_id in self._watched - self.rooms.keys():
            self._write({"type": "subscribe", "roomId": room_id})
        for unacknowledged, _ in self._unacknowledged.values():
            self._write(unacknowledged)

    def _answered(self, frame: Frame) -> None:
        if frame["type"] == "error" and frame["code"] in ("engine_unavailable", "rate_limited", "slow_mode"):
            wait = max(frame.get("retryAfterMs", 300) / 1000, frame.get("retryAfterSeconds", 0))
            message, _ = self._unacknowledged[frame["clientMessageId"]]
            asyncio.get_running_loop().call_later(wait, self._send_again, message)
            return
        _, acknowledged = self._unacknowledged.pop(frame["clientMessageId"])
        if acknowledged.done():
            return
        if frame["type"] == "ack":
            acknowledged.set_result(frame)
        else:
            acknowledged.set_exception(ChatRefused(frame["code"], frame["message"]))

    def _send_again(self, message: Frame) -> None:
        if message["clientMessageId"] in self._unacknowledged:
            self._write(message)

    def _in_room(self, frame: Frame) -> None:
        room_id = frame["roomId"]
        if frame["type"] == "room" and frame.get("role", "") is None and room_id not in self._watched:
            self._leave(room_id)
            return
        room = self.rooms.get(room_id)
        if room is None:
            if frame["type"] != "room" or self.user_id is None:
                return
            room = self.rooms[room_id] = RoomState(room_id, self.user_id)
            if not self._from_start:
                room.first_seq, room.last_seq, room.version = frame["lastSeq"], frame["lastSeq"], frame["version"]
            elif frame["version"]:
                self._ask_for(room)
        if not room.apply(frame):
            self._ask_for(room)

    def _leave(self, room_id: str) -> None:
        """The user left this public room elsewhere: the gateway would go on telling, as to any guest."""
        self.rooms.pop(room_id, None)
        self._write({"type": "unsubscribe", "roomId": room_id})

    def _ask_for(self, room: RoomState) -> None:
        """Be told all that was missed in a room."""
        position = {"lastSeq": room.last_seq, "version": room.version}
        self._write({"type": "subscribe", "roomId": room.id, **position})


class _Listener(WSListener):
    def __init__(self, client: ChatClient) -> None:
        self.welcomed = False
        self.closed: Frame | None = None
        self._client = client

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._client._connected(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            message = json.loads(frame.get_payload_as_bytes())
            self.welcomed = self.welcomed or message["type"] == "welcome"
            self._client._received(message)
        elif frame.msg_type == WSMsgType.CLOSE:
            self.closed = _reason(frame)
            transport.send_close(frame.get_close_code(), None)
            transport.disconnect()


def _reason(frame: WSFrame) -> Frame:
    try:
        told = json.loads(frame.get_close_message() or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) and "code" in told else {}
