"""`notify`: how other services' promises (the integrations) tell somebody something."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from septet.kernel.errors import Unauthenticated
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.sending import PLATFORM, accept
from septet.services.notifications.schemas.sending import Channel, Content, NotificationCreate, Recipient


async def notify(
    uow: UnitOfWork,
    *,
    template: str | None = None,
    content: Mapping[str, str] | None = None,
    user_id: UUID | None = None,
    user_ids: Sequence[UUID] = (),
    email: str | None = None,
    data: Mapping[str, Any] | None = None,
    key: object | None = None,
    channels: Sequence[Channel] | None = None,
    locale: str | None = None,
    category: str | None = None,
    send_at: datetime | None = None,
    digest_key: str | None = None,
) -> UUID:
    """Tell users of the tenant, or an address, something; returns the notification's id.

    Idempotent by `key`: the same key again gives the notification that exists. `template` names a built-in or a
    published template, or `content` has `title`, `body` and `link`. Work for no tenant is the platform's own.
    What the template needs and `data` lacks is left empty. Raises TemplateNotFound, pydantic's ValidationError.
    """
    await _enter_some_tenant(uow)
    users = [*user_ids, *([user_id] if user_id else [])]
    recipients = [Recipient(user_id=each, email=email if len(users) == 1 else None) for each in users]
    if not users:
        recipients = [Recipient(email=email)]
    request = NotificationCreate(
        template=template,
        content=Content.model_validate(content) if content else None,
        recipients=recipients,
        data=dict(data or {}),
        key=str(key) if key is not None else None,
        channels=list(channels) if channels else None,
        locale=locale,
        category=category,
        send_at=send_at,
        digest_key=digest_key,
    )
    return (await accept(uow, request, data_required=False)).notification.id


async def _enter_some_tenant(uow: UnitOfWork) -> None:
    try:
        _ = uow.tenant_id
    except Unauthenticated:
        await uow.enter_tenant(PLATFORM)
