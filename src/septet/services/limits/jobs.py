"""What limits does after a commit."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.limits.actions.rules import announce
from septet.services.limits.events import RulesChanged


@on(RulesChanged)
async def announce_change(uow: UnitOfWork, event: RulesChanged) -> None:
    """Again and for certain: the announcement right after the commit may have been lost."""
    assert event.tenant_id == uow.tenant_id
    await announce(uow)
