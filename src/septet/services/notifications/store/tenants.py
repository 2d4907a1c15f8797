"""Which tenants use notifications at all: what a schedule, which acts for none, has to visit."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from septet.kernel.uow import UnitOfWork


async def register(uow: UnitOfWork) -> None:
    statement = text("INSERT INTO notifications.tenants (tenant_id) VALUES (:tenant) ON CONFLICT DO NOTHING")
    await uow.session.execute(statement, {"tenant": uow.tenant_id})


async def known(uow: UnitOfWork) -> Sequence[UUID]:
    return (await uow.session.execute(text("SELECT * FROM notifications.known_tenants()"))).scalars().all()
