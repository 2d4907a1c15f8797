"""The audit log of an organization: every security-relevant and administrative act, append-only."""

from uuid import UUID

from septet.kernel import journal
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import AuditEvent


def record(uow: UnitOfWork, action: str, target_id: UUID | str | None = None, **details: object) -> None:
    """Add an entry in the same transaction as the act. `action` is `noun.past_participle`."""
    target = None if target_id is None else str(target_id)
    # A request that makes an organization began without one, so its lines do not say by themselves whose they are.
    journal.note("audit", tenant=str(uow.tenant_id), action=action, target=target)
    uow.session.add(
        AuditEvent(
            tenant_id=uow.tenant_id,
            id=uow.new_id(),
            at=uow.now,
            action=action,
            actor_kind=uow.actor.kind,
            actor_id=uow.actor.id,
            actor_name=uow.actor.name or uow.actor.kind,
            target_id=target,
            address=uow.address,
            details=details,
        )
    )
