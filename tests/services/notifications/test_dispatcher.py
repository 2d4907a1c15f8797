"""What the dispatcher says about what it could not do."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from structlog.testing import capture_logs
from tests.platform import Organization, Platform
from tests.sql import run_sql

from septet.services.notifications.dispatch.claims import Claimant
from septet.services.notifications.dispatch.dispatcher import Dispatcher, Lane
from septet.services.notifications.dispatch.worker import Desk, Sending


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
