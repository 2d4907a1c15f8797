"""The gateway process: accepts connections, watches over them, and lets them go in good order at a restart."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from picows import WSListener, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener, ws_create_server

from septet.kernel.background import end
from septet.kernel.errors import EngineUnavailable
from septet.kernel.http.dependencies import OrganizationRequired
from septet.kernel.identity import Actor
from septet.kernel.outages import Outages
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import presence
from septet.services.chat.gateway import closing, following
from septet.services.chat.gateway.connection import CLOSE_SECONDS, Connection
from septet.services.chat.gateway.cookie import session_cookie
from septet.services.chat.gateway.credentials import Credentials
from septet.services.chat.gateway.cursors import Cursors
from septet.services.chat.gateway.hub import Hub
from septet.services.chat.gateway.session import Session
from septet.services.chat.publishing import publish_in_room
from septet.services.chat.sending import sender_of
from septet.services.chat.settings import ChatSettings

SWEEP_SECONDS = 1.0
READ_BUFFER_BYTES = 2048
OFFLINE_AFTER_SECONDS = 2.0
ASKING_AT_ONCE = 16


@asynccontextmanager
async def gateway(runtime: Runtime) -> AsyncIterator[None]:
    """Serve on the socket named `gateway` for as long as the process lives."""
    running = Gateway(runtime)
    await running.start()
    try:
        yield
    finally:
        await running.stop()


class Gateway:
    """What all connections of this process share."""

    retry_seconds = 0.3

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.settings = runtime.service_settings(ChatSettings)
        self.sender = sender_of(runtime)
        self.cursors = Cursors(runtime)
        self.hub = Hub(runtime, self.spawn, self._refresh_sessions)
        # A crowd that reconnects at once waits here, not in the engines, where it would look like an outage.
        self.asking = asyncio.Semaphore(ASKING_AT_ONCE)
        self.following = following.Following(runtime, self.hub, self.asking)
        self.connections: set[Connection] = set()
        self.credentials = Credentials(self.authenticate)
        self._sessions: dict[Connection, Session] = {}
        self._written: list[Connection] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._stopping = False
        self._empty = asyncio.Event()

    async def start(self) -> None:
        self.hub.subscriptions.start()
        self._server = await ws_create_server(
            self._accept,
            None,
            None,
            sock=self.runtime.sockets["gateway"],
            start_serving=True,
            backlog=2048,
            enable_auto_pong=False,
            max_frame_size=self.settings.max_frame_bytes,
            read_buffer_init_size=READ_BUFFER_BYTES,
            websocket_handshake_timeout=self.settings.hello_seconds,
            # An adapter, because picows would make a logger of its own for each connection from a plain one.
            logger_name=logging.LoggerAdapter(logging.getLogger("septet.gateway"), {}),
        )
        self.spawn(self._watch())
        self.spawn(self._reconcile())

    def _accept(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener | None:
        """Decide about an upgrade request: only the path `/`, and no more connections than set."""
        if request.path.partition(b"?")[0] != b"/":
            return None
        if len(self.connections) >= self.settings.connections or self._stopping:
            refusal = WSUpgradeResponse.create_error_response(503, b"Full", {"Retry-After": "5"})
            return WSUpgradeResponseWithListener(refusal, None)
        # Some browsers send `keep-alive, Upgrade`, which is as good but is not understood below.
        tokens = [token.strip().lower() for token in request.headers.get("Connection", "").split(",")]
        if "upgrade" in tokens:
            request.headers["Connection"] = "Upgrade"
        cookie = session_cookie(request.headers, self.runtime.settings.public_url)
        connection = Connection(self.settings, self._has_output, self._gone)
        connection.application = session = Session(self, connection, cookie)
        self.connections.add(connection)
        self._empty.clear()
        self._sessions[connection] = session
        return connection

    def _gone(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if not self.connections:
            self._empty.set()

    def new_session_id(self) -> str:
        return self.runtime.clock.new_id().hex

    def _has_output(self, connection: Connection) -> None:
        if not self._written:
            asyncio.get_running_loop().call_soon(self._flush)
        self._written.append(connection)

    def _flush(self) -> None:
        """One write for each connection with all that this turn of the loop had for it."""
        written, self._written = self._written, []
        for connection in written:
            connection.flush()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else; a defect is logged, not lost."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the gateway failed", exc_info=error)

    async def authenticate(self, token: str, organization: str | None) -> Actor:
        """Raises Unauthenticated, Forbidden, BadParameter, OrganizationRequired, EngineUnavailable."""
        async with self.asking, UnitOfWork(self.runtime) as uow:
            with self.runtime.postgres.faults_translated():
                actor = await self.runtime.authenticator.authenticate(uow, token, organization)
                if uow.wrote:
                    await uow.commit()
        if actor.tenant_id is None:
            raise OrganizationRequired
        return actor

    def greeted(self, session: Session) -> None:
        """The session's user is known from now on."""
        self.credentials.add(session, asyncio.get_running_loop().time())

    async def act(self, actor: Actor, act: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        """Run an action as this actor, as a request does. Raises its refusals and EngineUnavailable."""
        async with self.asking, UnitOfWork(self.runtime, actor) as uow:
            with self.runtime.postgres.faults_translated():
                await act(uow)
                await uow.commit()

    def tell_typing(self, tenant_id: UUID, user_id: UUID, room_id: UUID) -> None:
        publish_in_room(self.runtime, tenant_id, room_id, typing=str(user_id))

    def touch(self, tenant_id: UUID, user_id: UUID, session_id: str, status: str, rooms: Collection[UUID]) -> None:
        """Note a session's presence, or its end; the rooms are those where it is told."""
        self.spawn(self._touch(tenant_id, user_id, session_id, status, rooms))

    async def _touch(
        self, tenant_id: UUID, user_id: UUID, session_id: str, status: str, rooms: Collection[UUID]
    ) -> None:
        try:
            async with self.asking:
                await presence.touch(self.runtime, tenant_id, user_id, session_id, status, tuple(rooms))
        except EngineUnavailable:
            return  # presence is repeated anyway

    def forget(self, session: Session, connection: Connection) -> None:
        """The connection ended. Its user is offline unless they are back within two seconds."""
        self._sessions.pop(connection, None)
        self.credentials.discard(session)
        if session.actor is None:
            return
        tenant_id, user_id = session.identity
        self.hub.forget_user(tenant_id, user_id, session.notice)
        if not self._stopping:
            end = (tenant_id, user_id, session.id, "", session.small_rooms)
            asyncio.get_running_loop().call_later(OFFLINE_AFTER_SECONDS, self.touch, *end)

    def _refresh_sessions(self) -> None:
        for session in tuple(self._sessions.values()):
            session.refresh()

    async def _watch(self) -> None:
        """Every second: who is silent, who never said hello, whose presence or token is due."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for connection, session in tuple(self._sessions.items()):
                self._watch_over(connection, session, loop.time())
            for credential in self.credentials.due(loop.time(), self.settings.recheck_seconds):
                self.spawn(self.credentials.verify(credential))

    def _watch_over(self, connection: Connection, session: Session, now: float) -> None:
        silent = now - connection.heard_at
        if session.actor is None:
            if not session.greeting and now - session.opened_at > self.settings.hello_seconds:
                connection.close(closing.NO_HELLO)
            return
        if silent > 2 * self.settings.heartbeat_seconds:
            connection.close(closing.SILENT)
        elif silent > self.settings.heartbeat_seconds and not connection.pinged:
            connection.ping()
        if now - session.seen_at > self.settings.heartbeat_seconds:
            session.keep_present()

    async def _reconcile(self) -> None:
        outages = Outages("rooms")
        while True:
            await asyncio.sleep(self.settings.reconcile_seconds)
            with outages.survived():
                self.hub.forget_empty_rooms()
                await self.hub.reconcile()

    async def stop(self) -> None:
        """Acknowledge what is being stored, tell clients when to come back, hang up."""
        self._stopping = True
        if self._server is not None:
            self._server.close()
        await self._settle()
        spread = self.settings.restart_spread_seconds * 1000
        for connection in tuple(self.connections):
            connection.close(closing.RESTART, retry_after_ms=int(random.uniform(0, spread)))  # noqa: S311
        if self.connections:
            await asyncio.wait([asyncio.ensure_future(self._empty.wait())], timeout=2 * CLOSE_SECONDS)
        await end(*self._tasks)
        await self.hub.subscriptions.stop()

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(self.runtime.settings.drain_seconds):
                await self.sender.idle()
                await self.cursors.written()
        except TimeoutError:
            log.warning("stopped before all messages were stored; their authors were told nothing and send them again")
