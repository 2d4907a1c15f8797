"""What happened to an account, for its owner to read: log-ins, changed passwords, second factors."""

from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import AccountEvent


def note(uow: UnitOfWork, user_id: UUID, action: str, **details: object) -> None:
    """Add an entry in the same transaction."""
    uow.session.add(
        AccountEvent(
            user_id=user_id,
            id=uow.new_id(),
            at=uow.now,
            action=action,
            address=uow.address,
            device=uow.device,
            details=details,
        )
    )
