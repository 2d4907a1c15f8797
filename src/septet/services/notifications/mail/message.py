"""The message as it goes over the wire: text and HTML, attachments, one-click unsubscription (RFC 8058), DKIM.

Its `Message-ID` is made from the delivery's id, so that a message that had to be sent twice can be known as one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any
from uuid import UUID

import dkim

from septet.services.notifications.mail.mime import ascii_address, mailbox, write_message
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
    """The signed message. `at` is the machine's time; without `unsubscribe_url` nobody can unsubscribe from it.

    Raises AddressUnsupported.
    """
    headers = [
        ("From", _sender(settings.mail_from)),
        ("To", ascii_address(to)),
        ("Subject", rendered.title),
        ("Date", format_datetime(at)),
        ("Message-ID", message_id(settings, delivery_id)),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", rendered.locale),
    ]
    text = rendered.body
    if unsubscribe_url:
        headers += [
            ("List-Unsubscribe", f"<{unsubscribe_url}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
        text += f"\n\n-- \n{unsubscribe_url}"
    return _signed(settings, write_message(delivery_id.hex, headers, text, rendered.html, attachments))


def message_id(settings: NotificationsSettings, delivery_id: UUID) -> str:
    return f"<{delivery_id}@{sender_address(settings).partition('@')[2]}>"


def sender_address(settings: NotificationsSettings) -> str:
    return _parsed(settings.mail_from)[1]


@lru_cache(maxsize=8)
def _sender(written: str) -> str:
    return mailbox(*_parsed(written))


@lru_cache(maxsize=8)
def _parsed(written: str) -> tuple[str, str]:
    return parseaddr(written)


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
