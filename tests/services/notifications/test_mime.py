"""The message writer against the standard library's parser, for whatever text and headers there are."""

import base64
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from septet.services.notifications.mail.mime import AddressUnsupported, ascii_address, mailbox, write_message

lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200)
texts = st.lists(lines, max_size=5).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(
    subject=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    text=texts,
    html=texts | st.none(),
    file=st.binary(max_size=200),
)
def test_what_is_written_is_read(subject: str, text: str, html: str | None, file: bytes) -> None:
    attachment = {"filename": 'ä "b".bin', "contentType": "application/x", "content": base64.b64encode(file).decode()}
    raw = write_message("id", [("Subject", subject), ("X-Last", "end")], text, html, [attachment])
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert set(message.keys()) == {"Subject", "X-Last", "MIME-Version", "Content-Type"} and message["X-Last"] == "end"
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and plain.get_content().splitlines() == (text.splitlines() or [""])
    if html is not None:
        assert rich is not None and rich.get_content().splitlines() == (html.splitlines() or [""])
    [found] = message.iter_attachments()
    assert (found.get_filename(), found.get_content()) == ('ä "b".bin', file)
    assert all(len(line) < 999 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")


@given(subject=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=300))
def test_subjects_survive(subject: str) -> None:
    message = message_from_bytes(write_message("id", [("Subject", subject)], "", None), policy=default)
    assert message["Subject"] == subject


def test_names_and_addresses() -> None:
    assert mailbox('A "B" \\', "a@example.com") == '"A \\"B\\" \\\\" <a@example.com>'
    message = message_from_bytes(
        write_message("i", [("From", mailbox("Zażółć", "a@b.example"))], "", None), policy=default
    )
    assert message["From"].addresses[0].display_name == "Zażółć"
    assert ascii_address("a@żółw.example") == "a@xn--w-uga1v8h.example"
    with pytest.raises(AddressUnsupported):
        ascii_address("żółw@example.com")
