"""What payments keep of an organization outside its own tables."""

from septet.kernel.uow import UnitOfWork
from septet.services.payments import store


async def forget_merchant(uow: UnitOfWork) -> None:
    """It takes no payments any more, and nothing of it is left to be taken up."""
    await store.forget_merchant(uow)
