"""Requests about one payment take turns before they lock it, so that a crowd of them does not take every connection.

This is for one process's comfort; what must be true is guarded by the payment's row lock.
"""

from asyncio import Lock
from uuid import UUID
from weakref import WeakValueDictionary

from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork


class Turns:
    """One per process; a payment's lock lives while somebody waits for it."""

    def __init__(self, _: Runtime) -> None:
        self._locks: WeakValueDictionary[UUID, Lock] = WeakValueDictionary()

    def of(self, payment_id: UUID) -> Lock:
        return self._locks.setdefault(payment_id, Lock())


async def my_turn(uow: UnitOfWork, payment_id: UUID) -> Lock:
    """What to hold (`async with`) until the transaction ends; until then no connection is held."""
    await uow.commit()
    return uow.runtime.shared(Turns).of(payment_id)
