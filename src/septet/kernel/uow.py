"""The unit of work: one transaction per request or job, with who acts, for which tenant, at what time.

Whatever an action changes and whatever it emits commit together: emitted events and enqueued jobs become rows of the
job queue in the same transaction. It opens nothing until it is used, so a request that needs no database pays nothing.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Executable, Result
from sqlalchemy.ext.asyncio import AsyncSession

from septet.kernel import telemetry
from septet.kernel.clock import Clock
from septet.kernel.config import ServiceSettings
from septet.kernel.errors import EngineUnavailable, Unauthenticated
from septet.kernel.events import Wanted, jobs_of
from septet.kernel.identity import ANONYMOUS, Actor
from septet.kernel.jobs import HANDLERS, NewJob, RunningJob, handler_name, insert_jobs
from septet.kernel.postgres import SET_TENANT, abandon, close, driver_connection

if TYPE_CHECKING:
    from septet.kernel.runtime import Runtime

T = TypeVar("T")
S = TypeVar("S", bound=ServiceSettings)
Callback = Callable[[], Awaitable[None]]


class UnitOfWork:
    """Use as `async with`; leaving it without `commit()` rolls back.

    `address` and `device`: the client's IP address and what it calls itself, for logs and throttles; empty in jobs.
    """

    def __init__(self, runtime: "Runtime", actor: Actor = ANONYMOUS, *, job: RunningJob | None = None) -> None:
        self.runtime = runtime
        self.actor = actor
        self.job = job
        self.address = ""
        self.device = ""
        self._tenant_id = actor.tenant_id
        self._user_id = actor.user_id
        self._session: AsyncSession | None = None
        self._jobs: list[NewJob] = []
        self._conditional: dict[tuple[UUID | None, Wanted], list[NewJob]] = {}
        self._before_commit: list[Callback] = []
        self._after_commit: list[Callback] = []

    @property
    def clock(self) -> Clock:
        return self.runtime.clock

    @property
    def now(self) -> datetime:
        return self.runtime.clock.now()

    @property
    def tenant_id(self) -> UUID:
        """The tenant this work is for. Raises Unauthenticated when there is none."""
        if self._tenant_id is None:
            raise Unauthenticated
        return self._tenant_id

    @property
    def tenant_or_none(self) -> UUID | None:
        """The tenant this work is for, if any."""
        return self._tenant_id

    @property
    def session(self) -> AsyncSession:
        """The SQLAlchemy session; the transaction begins with its first statement."""
        if self._session is None:
            self._session = self.runtime.postgres.session(self._tenant_id, self._user_id)
        return self._session

    @property
    def wrote(self) -> bool:
        """Whether a transaction was begun or is about to be."""
        return self._session is not None or bool(self._jobs or self._conditional)

    @property
    def public_url(self) -> str:
        """Where people reach this installation; no slash at its end."""
        return self.runtime.settings.public_url.rstrip("/")

    @property
    def event_id(self) -> UUID:
        """The id of the event or job that this work is for, the same on every repetition."""
        if self.job is None:
            raise RuntimeError("only jobs have an event id")
        return self.job.event_id

    def new_id(self) -> UUID:
        return self.clock.new_id()

    def settings(self, model: type[S]) -> S:
        """A service's settings."""
        return self.runtime.service_settings(model)

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        return await self.session.execute(statement, parameters)

    async def enter_tenant(self, tenant_id: UUID | None) -> None:
        """Go on for this tenant, or none; for flows that learn it on the way (sign-up, accepting an invitation)."""
        await self._go_on(tenant_id, self._user_id)

    async def enter_user(self, user_id: UUID) -> None:
        """Let row-level security show what this user owns, before it is certain that they act."""
        await self._go_on(self._tenant_id, user_id)

    async def become(self, actor: Actor) -> None:
        """Act as somebody who has just proven who they are."""
        self.actor = actor
        await self._go_on(actor.tenant_id, actor.user_id)

    async def _go_on(self, tenant: UUID | None, user: UUID | None) -> None:
        """What was added for the tenant so far is written before row-level security hears of the next one."""
        if self._session is not None and (self._session.new or self._session.dirty or self._session.deleted):
            await self._session.flush()
        self._tenant_id, self._user_id = tenant, user
        if self._session is None:
            return
        self._session.info.update(tenant=tenant, user=user)
        if self._session.in_transaction():
            await self._session.execute(SET_TENANT, {"tenant": str(tenant or ""), "user": str(user or "")})

    def emit(self, event: object) -> None:
        """Publish a fact when, and only when, this transaction commits."""
        event_id = str(self.new_id())
        for handler, payload, wanted in jobs_of(event):
            self._add_job(handler, payload, None, None, event_id, wanted)

    def enqueue(
        self,
        handler: Callable[["UnitOfWork", T], Awaitable[None]],
        payload: T,
        *,
        at: datetime | None = None,
        dedupe_key: str | None = None,
    ) -> None:
        """Run a declared job after the commit, or at `at`. At most one with the same `dedupe_key` waits."""
        name = handler_name(handler)
        adapter: TypeAdapter[T] = HANDLERS[name].adapter or TypeAdapter(type(payload))
        self._add_job(name, adapter.dump_json(payload), at, dedupe_key, str(self.new_id()))

    def enqueue_scheduled(self, name: str) -> None:
        """Run a schedule's handler; an occasion that still waits is not doubled."""
        self._add_job(name, b"", None, name, str(self.new_id()))

    def _add_job(
        self,
        name: str,
        payload: bytes,
        at: datetime | None,
        dedupe_key: str | None,
        event_id: str,
        wanted: Wanted | None = None,
    ) -> None:
        headers = telemetry.propagation_headers() | {"eventId": event_id}
        if self._tenant_id is not None:
            headers["tenantId"] = str(self._tenant_id)
        job = NewJob(name, payload, at, HANDLERS[name].priority, dedupe_key, headers)
        if wanted is None:
            self._jobs.append(job)
        else:
            self._conditional.setdefault((self._tenant_id, wanted), []).append(job)

    def before_commit(self, callback: Callback) -> None:
        """Run once, just before the commit; an exception rolls back. For revoking what caches hold."""
        self._before_commit.append(callback)

    def after_commit(self, callback: Callback) -> None:
        """Run after the commit. For announcements whose loss is harmless."""
        self._after_commit.append(callback)

    async def commit(self) -> None:
        """Make everything permanent: rows, events and jobs. Raises EngineUnavailable when that is not certain."""
        with self.runtime.postgres.faults_translated():
            if self._session is not None:
                await self._session.flush()
            for callback in self._before_commit:
                await callback()
            for (tenant_id, wanted), jobs in self._conditional.items():
                # As somebody else it could not ask; the job then finds out by itself.
                if tenant_id is None or tenant_id != self._tenant_id or await wanted(self):
                    self._jobs += jobs
            if self._jobs:
                await insert_jobs(await driver_connection(self.session), self._jobs, self.now)
            if self._session is not None:
                await self._session.commit()
        callbacks, self._after_commit = self._after_commit, []
        self._jobs, self._conditional, self._before_commit = [], {}, []
        for callback in callbacks:
            await callback()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._session is None:
            return
        if isinstance(error, EngineUnavailable):
            await abandon(self._session)
        await close(self._session)
