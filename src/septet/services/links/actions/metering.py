"""How many links an organization has."""

from septet.kernel.uow import UnitOfWork
from septet.services.links.store import links as store


async def count_links(uow: UnitOfWork) -> int:
    """Those that people made."""
    return await store.count(uow)
