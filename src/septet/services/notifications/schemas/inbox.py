"""Inbox and development mailbox on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from septet.kernel.wire import Wire


class InboxEntryOut(Wire):
    """An entry of the caller's inbox."""

    id: UUID = Field(description="The entry's id, which is the delivery's.")
    notification_id: UUID = Field(description="The notification it belongs to.")
    category: str = Field(description="Its category.")
    title: str = Field(description="Its title.")
    body: str = Field(description="Its text.")
    link: str | None = Field(description="Where it leads.")
    locale: str = Field(description="The locale it was written in.")
    data: dict[str, Any] = Field(description="The notification's data.")
    created_at: datetime = Field(description="When it arrived.")
    read_at: datetime | None = Field(description="When it was read; null while unread.")
    archived_at: datetime | None = Field(description="When it was archived.")


class UnreadCount(Wire):
    """How many entries are unread."""

    count: int = Field(description="Unread entries that are not archived.")
    unread_count: int = Field(description="The same.")


class ReadAll(Wire):
    """What was marked."""

    read: int = Field(description="How many entries were unread before.")


class MailSummary(Wire):
    """A mail in the development mailbox."""

    id: UUID = Field(description="The mail's id.")
    to: str = Field(description="The recipient's address.")
    subject: str = Field(description="The subject.")
    sent_at: datetime = Field(description="When it was sent.")


class MailOut(MailSummary):
    """A mail, taken apart."""

    from_: str = Field(alias="from", description="The sender.")
    headers: dict[str, str] = Field(description="All headers; of repeated ones the last.")
    text: str | None = Field(description="The plain text.")
    html: str | None = Field(description="The HTML.")
    attachments: list[str] = Field(description="Names of attached files.")
    raw: str = Field(description="The message as it would have gone over the wire.")
