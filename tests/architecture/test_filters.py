"""What every test refuses: a statement on a table of tenants that does not say whose rows it means."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import and_, delete, func, select, text, tuple_, update
from sqlalchemy.orm import aliased

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Message, Room
from tests.filters import UnfilteredStatement, tables_without_filter
from tests.platform import Platform

TENANT = uuid4()
Other = aliased(Room)
same_room = and_(Other.id == Message.room_id, Other.tenant_id == Message.tenant_id)


@pytest.mark.parametrize(
    "statement",
    [
        select(Message).where(Message.tenant_id == TENANT),
        select(Message).where(tuple_(Message.tenant_id, Message.id).in_([(TENANT, TENANT)])),
        select(Message).join(Other, same_room).where(Other.tenant_id == TENANT),
        update(Message).where(Message.tenant_id == TENANT).values(body=""),
        select(Message).from_statement(text("SELECT * FROM chat.messages WHERE tenant_id = :tenant")),
    ],
)
def test_a_filter_is_seen(statement: Any) -> None:
    assert tables_without_filter(statement) == []


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        (select(Message).where(Message.room_id == TENANT), 1),
        (select(Message).where(Message.tenant_id.is_not(None)), 1),
        (select(Message).join(Other, same_room), 2),
        (select(Message).join(Other, Other.id == Message.room_id).where(Message.tenant_id == TENANT), 1),
        (select(func.count()).select_from(select(Message.id).subquery()), 1),
        (delete(Message).where(Message.id == TENANT), 1),
        (select(Message).from_statement(text("SELECT * FROM chat.messages")), 1),
    ],
)
def test_that_it_is_missing_is_seen(statement: Any, tables: int) -> None:
    assert len(tables_without_filter(statement)) == tables


async def test_no_test_gets_away_with_it(platform: Platform) -> None:
    async with UnitOfWork(platform.runtime, system_actor(TENANT)) as uow:
        with pytest.raises(UnfilteredStatement, match=r"chat\.messages"):
            await uow.execute(select(Message.id))
