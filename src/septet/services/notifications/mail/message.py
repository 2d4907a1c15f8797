"""The message as it goes over the wire: text and HTML, attachments, one-click unsubscription (RFC 8058), DKIM.

Its `Message-ID` is made from the delivery's id, so that a message that had to be sent twice can be known as one.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any
from uuid import UUID

import dkim

from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.templating.rendering import Rendered


def build_message(
    settings: NotificationsSettings,
    delivery_id: UUID,
    to: str,
    rendered: Rendered,
    at: datetime,
    unsubscribe_url: str | None,
    attachments: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """The signed message. `at` is the machine's time; without `unsubscribe_url` nobody can unsubscribe from it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(settings.mail_from)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = rendered.title
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(settings, delivery_id)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = rendered.locale
    if unsubscribe_url:
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = rendered.body + (f"\n\n-- \n{unsubscribe_url}" if unsubscribe_url else "")
    message.set_content(text + "\n", cte="base64" if not text.isascii() else None)
    if rendered.html is not None:
        message.add_alternative(rendered.html, subtype="html", cte="base64")
    for attachment in attachments:
        kind, _, subtype = attachment["contentType"].partition("/")
        content = base64.b64decode(attachment["content"])
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=attachment["filename"])
    return _signed(settings, message.as_bytes())


def message_id(settings: NotificationsSettings, delivery_id: UUID) -> str:
    return f"<{delivery_id}@{sender_address(settings).partition('@')[2]}>"


def sender_address(settings: NotificationsSettings) -> str:
    return parseaddr(settings.mail_from)[1]


@lru_cache(maxsize=8)
def _address(written: str) -> Address:
    name, address = parseaddr(written)
    return Address(display_name=name, addr_spec=address)


@lru_cache(maxsize=1)
def _dkim_key(settings: NotificationsSettings) -> bytes | None:
    return settings.dkim_key_file.read_bytes() if settings.dkim_key_file else None


def _signed(settings: NotificationsSettings, raw: bytes) -> bytes:
    key = _dkim_key(settings)
    if key is None:
        return raw
    domain = settings.dkim_domain or sender_address(settings).partition("@")[2]
    headers = [b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post"]
    present = [name for name in headers if b"\n" + name + b":" in raw.lower() or raw.lower().startswith(name + b":")]
    signature: bytes = dkim.sign(
        raw,
        settings.dkim_selector.encode(),
        domain.encode(),
        key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=present,
    )
    return signature + raw
