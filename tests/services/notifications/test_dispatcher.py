"""What the dispatcher finds by itself, and what it says about what it could not do."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs
from tests.platform import Organization, Platform
from tests.services.notifications.conftest import send, trace_of
from tests.sql import run_sql

from septet.kernel.background import end
from septet.services.notifications.deciding.facts import Task
from septet.services.notifications.dispatch import worker
from septet.services.notifications.dispatch.claims import Claimant
from septet.services.notifications.dispatch.dispatcher import Dispatcher, Lane
from septet.services.notifications.dispatch.worker import Desk, Sending
from septet.services.notifications.store.outbox import Settlement
from septet.services.notifications.waking import OUTBOX_CHANNEL


async def test_a_lost_connection_is_a_line_and_a_defect_a_traceback(
    platform: Platform, organization: Organization
) -> None:
    async def lose_connection(desk: Desk, tenant_id: UUID, _: Sequence[UUID]) -> Sending | None:
        async with desk.transaction(tenant_id) as uow:
            connection = await uow.session.connection()
            pid = (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
            await run_sql(platform.runtime.postgres.url, "SELECT pg_terminate_backend($1, 5000)", pid)
            await connection.exec_driver_sql("SELECT 1")
        return None

    async def fail(*_: object) -> Sending | None:
        raise LookupError("a defect")

    dispatcher = Dispatcher(Claimant(platform.runtime), Desk(platform.runtime, 1), [])
    with capture_logs() as lines:
        for work in (lose_connection, fail):
            assert await dispatcher._attempt(Lane("email", work, room=1, batch=1), organization.id, [uuid4()]) == []
    told = [line for line in lines if line.get("kind") == "email"]
    assert [line["event"] for line in told] == ["notifications: waiting for PostgreSQL", "notifications: a defect"]
    assert ["exc_info" in line for line in told] == [False, True]


async def test_what_nobody_announced_is_sent_all_the_same(
    platform: Platform, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = platform.runtime.broadcast.publish

    async def lose(channel: str, message: bytes) -> None:
        if channel != OUTBOX_CHANNEL:
            await publish(channel, message)

    monkeypatch.setattr(platform.runtime.broadcast, "publish", lose)
    sent = await send(organization, content={"title": "x", "body": "y"}, to={"userId": str(organization.owner.id)})
    await platform.jobs_done()
    for channel in ("inApp", "email"):
        assert (await trace_of(organization, sent, channel))[-1][0] == "delivered"


class _Half(Desk):
    """Cannot settle one tenant's deliveries as long as it has a defect."""

    def __init__(self, platform: Platform, unlucky: UUID) -> None:
        super().__init__(platform.runtime, 1)
        self.unlucky: UUID | None = unlucky
        self.tried = asyncio.Event()
        self.done: set[UUID] = set()

    async def _settle_batch(self, tenant_id: UUID, batch: list[tuple[Task, Settlement]]) -> None:
        if tenant_id == self.unlucky:
            self.tried.set()
            raise LookupError("a defect")
        self.done.add(tenant_id)


async def test_what_cannot_be_settled_holds_up_nobody_else(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_SECONDS", 0.01)
    unlucky, other = uuid4(), uuid4()
    desk = _Half(platform, unlucky)
    settler = asyncio.create_task(desk.run_settler())
    try:
        desk.finished(unlucky, *_delivery())
        await asyncio.wait_for(desk.tried.wait(), 10)
        desk.finished(other, *_delivery())
        async with asyncio.timeout(10):
            while other not in desk.done:
                await asyncio.sleep(0.01)
        desk.unlucky = None
        await desk.settled(10)
        assert unlucky in desk.done
    finally:
        await end(settler)


def _delivery() -> tuple[Task, Settlement]:
    number = uuid4()
    return cast(Task, SimpleNamespace(id=number)), Settlement(number, "sent", "sent", "accepted")
