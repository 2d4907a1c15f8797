"""Discrepancies with the payment provider are told to those who administer the organization."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.payments.events import ReconciliationFoundDiscrepancies
from septet.services.tenancy.actions.profiles import administrators


@on(ReconciliationFoundDiscrepancies)
async def tell_administrators(uow: UnitOfWork, event: ReconciliationFoundDiscrepancies) -> None:
    """Once for each day that was compared."""
    await notify(
        uow,
        template="payments.reconciliation",
        user_ids=await administrators(uow),
        data={"discrepancies": event.discrepancies, "link": f"{uow.public_url}/console/payments"},
        key=f"reconciliation:{event.day}",
    )
