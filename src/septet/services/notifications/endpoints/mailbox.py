"""`/mailbox`."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Annotated
from uuid import UUID

from fastapi import Query

from septet.kernel.errors import BadParameter, Unauthenticated
from septet.kernel.http import Page, PageQuery, PublicUow, Router, refusals
from septet.services.notifications.actions import mailbox as actions
from septet.services.notifications.errors import MailNotFound
from septet.services.notifications.models import Mail
from septet.services.notifications.schemas.inbox import MailOut, MailSummary

router = Router("notifications", tag="mailbox")


@router.get(
    "/mailbox", summary="List mails of the development mailbox", responses=refusals(Unauthenticated, BadParameter)
)
async def list_mails(
    uow: PublicUow,
    page: PageQuery,
    to: Annotated[str | None, Query(max_length=254, description="Only mails to this address.")] = None,
) -> Page[MailSummary]:
    after = page.after(UUID)
    found = await actions.list_mails(uow, to, page.fetch, after[0] if after else None)
    return Page.of(found, page, lambda mail: (mail.id,), _summary)


@router.get("/mailbox/{mail_id}", summary="Read a mail", responses=refusals(Unauthenticated, MailNotFound))
async def read_mail(mail_id: UUID, uow: PublicUow) -> MailOut:
    found = await actions.read_mail(uow, mail_id)
    message = message_from_bytes(found.raw, policy=default)
    assert isinstance(message, EmailMessage)
    return MailOut(
        **_summary(found).model_dump(),
        from_=str(message["From"]),
        headers={name: str(value) for name, value in message.items()},
        text=_part(message, "plain"),
        html=_part(message, "html"),
        attachments=[part.get_filename() or "" for part in message.iter_attachments()],
        raw=found.raw.decode("utf-8", "replace"),
    )


def _summary(mail: Mail) -> MailSummary:
    return MailSummary(id=mail.id, to=mail.to_address, subject=mail.subject, sent_at=mail.sent_at)


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else None
