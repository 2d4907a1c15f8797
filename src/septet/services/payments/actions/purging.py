"""What payments keep of an organization outside its own tables."""

from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.settings import PaymentsSettings


async def forget_merchant(uow: UnitOfWork) -> None:
    """It takes no payments any more, and nothing of it is left to be taken up.

    What it paid for its plan stays in the operator's books, which no longer say that it was this organization.
    """
    await store.forget_merchant(uow)
    tenant_id = uow.tenant_id
    await uow.enter_tenant(uow.settings(PaymentsSettings).operator_organization)
    await store.forget_payer(uow, tenant_id)
    await uow.enter_tenant(tenant_id)
