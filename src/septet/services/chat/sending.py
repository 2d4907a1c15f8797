"""Storing messages: what one turn of the event loop collects is checked, numbered and stored as one transaction.

One batch of a tenant is under way at a time; what arrives meanwhile is the next batch, so batches grow with the load.
Rooms are locked, their members looked up, `seq` given and all messages inserted by a handful of statements, however
many messages there are. Each message is refused or stored on its own account. Nobody hears of a message, its author
included, before it is committed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.exc import IntegrityError

from septet.kernel.errors import Problem
from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import posting
from septet.services.chat.actions.posting import Draft, Outcome
from septet.services.chat.frames import message_frame
from septet.services.chat.models import Message
from septet.services.chat.publishing import Changes, publish_changes
from septet.services.chat.settings import ChatSettings

_ATTEMPTS = 4
_SENDERS: "WeakKeyDictionary[Runtime, Sender]" = WeakKeyDictionary()


def sender_of(runtime: Runtime) -> "Sender":
    """The process's sender."""
    sender = _SENDERS.get(runtime)
    if sender is None:
        sender = _SENDERS[runtime] = Sender(runtime)
    return sender


@dataclass(slots=True)
class _Queue:
    """What waits for one tenant's next batch."""

    drafts: list[tuple[Draft, "asyncio.Future[Outcome]"]] = field(default_factory=list)
    storing: "asyncio.Task[None] | None" = None


class Sender:
    """`send` from anywhere in the process; the order of the calls is the order of the messages."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._largest = runtime.service_settings(ChatSettings).batch_size
        self._queues: dict[UUID, _Queue] = {}

    def send(self, tenant_id: UUID, draft: Draft) -> "asyncio.Future[Outcome]":
        """The stored message. Raises what `actions.posting` refuses, or EngineUnavailable when that is not certain."""
        queue = self._queues.setdefault(tenant_id, _Queue())
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        queue.drafts.append((draft, outcome))
        if queue.storing is None:
            queue.storing = asyncio.create_task(self._store_all(tenant_id, queue))
        return outcome

    async def idle(self) -> None:
        """Wait until everything that was handed in is stored or refused."""
        while tasks := [queue.storing for queue in self._queues.values() if queue.storing is not None]:
            await asyncio.wait(tasks)

    async def _store_all(self, tenant_id: UUID, queue: _Queue) -> None:
        """Batch after batch until nothing waits."""
        while queue.drafts:
            batch, queue.drafts = queue.drafts[: self._largest], queue.drafts[self._largest :]
            outcomes = await self._store([draft for draft, _ in batch], tenant_id)
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                _settle(future, outcome)
        queue.storing = None
        if self._queues.get(tenant_id) is queue:
            del self._queues[tenant_id]

    async def _store(self, drafts: Sequence[Draft], tenant_id: UUID) -> Sequence[Outcome | Exception]:
        for attempt in range(_ATTEMPTS):
            try:
                return await self._try_to_store(drafts, tenant_id)
            except IntegrityError as error:
                # Somebody stored one of these clientMessageIds meanwhile; it is found the next time.
                if attempt + 1 == _ATTEMPTS:
                    return [error] * len(drafts)
            except Problem as problem:
                return [problem] * len(drafts)
            except Exception as error:
                log.exception("a batch of messages could not be stored")
                return [error] * len(drafts)
        raise AssertionError("unreachable")

    async def _try_to_store(self, drafts: Sequence[Draft], tenant_id: UUID) -> Sequence[Outcome | Exception]:
        with self._runtime.postgres.faults_translated():
            async with UnitOfWork(self._runtime, system_actor(tenant_id)) as uow:
                outcomes = await posting.post(uow, drafts)
                await uow.commit()
        self._publish(tenant_id, [outcome for outcome in outcomes if isinstance(outcome, Outcome)])
        return outcomes

    def _publish(self, tenant_id: UUID, outcomes: Sequence[Outcome]) -> None:
        """Tell each room once of all its new messages; also of one sent again, whose author may have missed a crash."""
        by_room: dict[UUID, list[Message]] = {}
        for outcome in outcomes:
            if outcome.new:
                by_room.setdefault(outcome.message.room_id, []).append(outcome.message)
        for room_id, messages in by_room.items():
            last = messages[-1]
            frames = [message_frame(message) for message in messages]
            publish_changes(self._runtime, tenant_id, Changes(room_id, last.version, last.seq, frames))


def _settle(future: "asyncio.Future[Any]", outcome: Outcome | Exception) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
