"""What tenancy asks for by events (mail, payment), noted by subscribers like those of integrations."""

from collections import defaultdict
from typing import Any, TypeVar

from tests.platform import Platform

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.events import (
    CommentCreated,
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    InvitationMailRequested,
    InvoiceDue,
    InvoicePaid,
    InvoicePaymentFailed,
    MemberJoined,
    NewDeviceLoggedIn,
    OrganizationPurged,
    PasswordResetRequested,
    PaymentOverdue,
    PlanChanged,
    TaskCompleted,
)

E = TypeVar("E")
RECEIVED: dict[str, list[Any]] = defaultdict(list)
"""Events by e-mail address, or by tenant id where they have none."""


def listen(event_class: type) -> None:
    async def note(_: UnitOfWork, event: Any) -> None:
        RECEIVED[getattr(event, "email", None) or str(event.tenant_id)].append(event)

    note.__module__, note.__name__ = "septet.integrations.noted_by_tests", event_class.__name__
    on(event_class)(note)


for _event_class in (
    CommentCreated,
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    InvitationMailRequested,
    InvoiceDue,
    InvoicePaid,
    InvoicePaymentFailed,
    MemberJoined,
    NewDeviceLoggedIn,
    OrganizationPurged,
    PasswordResetRequested,
    PaymentOverdue,
    PlanChanged,
    TaskCompleted,
):
    listen(_event_class)


async def received(platform: Platform, by: object, kind: type[E]) -> list[E]:
    """All events of this kind for an address or tenant, oldest first."""
    await platform.jobs_done()
    return [event for event in RECEIVED[str(by)] if isinstance(event, kind)]


async def newest(platform: Platform, by: object, kind: type[E]) -> E:
    """The newest event of this kind for an address or tenant."""
    found = await received(platform, by, kind)
    assert found, f"no {kind.__name__} for {by}"
    return found[-1]
