"""Whoever owns an account is told by mail of a new device, another password and another address, the old one too."""

from typing import Any

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.events import EmailChanged, NewDeviceLoggedIn, PasswordChanged


@on(NewDeviceLoggedIn)
async def tell_of_new_device(uow: UnitOfWork, event: NewDeviceLoggedIn) -> None:
    """With what the device calls itself."""
    device = f"{event.device or 'unknown'} ({event.address})"
    await _tell(uow, event, "tenancy.new_device", event.email, device=device, at=event.at.isoformat())


@on(PasswordChanged)
async def tell_of_password(uow: UnitOfWork, event: PasswordChanged) -> None:
    """Also after a reset."""
    await _tell(uow, event, "tenancy.password_changed", event.email)


@on(EmailChanged)
async def tell_of_address(uow: UnitOfWork, event: EmailChanged) -> None:
    """At the old address, whose reader may not have asked for it."""
    await _tell(uow, event, "tenancy.email_changed", event.old_email, newEmail=event.email)


async def _tell(
    uow: UnitOfWork, event: NewDeviceLoggedIn | PasswordChanged | EmailChanged, template: str, to: str, **data: Any
) -> None:
    data |= {"userName": event.name, "link": f"{uow.public_url}/console/account"}
    key = f"{template}:{uow.event_id}"
    await notify(uow, template=template, email=to, channels=["email"], locale=event.locale, data=data, key=key)
