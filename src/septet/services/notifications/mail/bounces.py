"""What mail servers send back: delivery status notifications (RFC 3464) and feedback reports (RFC 5965)."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Literal
from uuid import UUID

_OUR_ID = re.compile(rb"^Message-ID:\s*<([0-9a-f-]{36})@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """About one address. `permanent`: a bounce for good. `delivery_id`: from the Message-ID that was sent back."""

    type: Literal["bounce", "complaint"]
    email: str
    permanent: bool
    delivery_id: UUID | None
    detail: str


def read_report(raw: bytes) -> list[Report]:
    """The reports in a message; none when it is an ordinary mail, such as an out-of-office note."""
    message = message_from_bytes(raw)
    found = _OUR_ID.findall(raw)
    delivery_id = _uuid(found[-1]) if found else None
    reports = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            reports += [r for block in part.get_payload() if (r := _bounce(block, delivery_id))]  # type: ignore[arg-type]
        elif part.get_content_type() == "message/feedback-report":
            reports += _complaints(part, message, delivery_id)
    return reports


def _bounce(block: Message, delivery_id: UUID | None) -> Report | None:
    recipient = block.get("Final-Recipient") or block.get("Original-Recipient")
    if recipient is None or block.get("Action", "").strip().lower() not in ("failed", "delayed"):
        return None
    status = block.get("Status", "").strip()
    detail = block.get("Diagnostic-Code") or status
    # 5.2.2 (mailbox full) comes with a five though it passes (RFC 3463, section 3.3).
    permanent = status.startswith("5") and status != "5.2.2"
    return Report("bounce", _address(recipient), permanent, delivery_id, " ".join(detail.split()))


def _complaints(part: Message, whole: Message, delivery_id: UUID | None) -> list[Report]:
    body = part.get_payload(decode=False)
    block = body[0] if isinstance(body, list) else part
    text = block.as_string() if isinstance(block, Message) else ""
    recipients = re.findall(r"^Original-Rcpt-To:\s*(.+)$", text, re.IGNORECASE | re.MULTILINE)
    kind = re.search(r"^Feedback-Type:\s*(\S+)", text, re.IGNORECASE | re.MULTILINE)
    told = kind.group(1) if kind else "abuse"
    return [Report("complaint", _address(each), True, delivery_id, told) for each in recipients]


def _address(field: str) -> str:
    return field.rpartition(";")[2].strip().strip("<>").lower()


def _uuid(text: bytes) -> UUID | None:
    try:
        return UUID(text.decode())
    except ValueError:
        return None
