"""E-mail against a real SMTP server that accepts, defers, refuses, stalls and drops connections."""

import base64
import time
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.platform import Platform, problem
from tests.services.notifications.conftest import VERIFICATION, Sink, platform_with, send, smtp_sink, trace_of

HELLO = {"title": "Grüße: Zażółć", "body": "Line one\nLine two"}


async def test_a_message_arrives_whole(wired: Platform, sink: Sink) -> None:
    organization = await wired.organization()
    file = base64.b64encode(b"\x00\x01binary").decode()
    await send(
        organization,
        content={**HELLO, "link": "https://example.com"},
        to={"email": "ada@example.com"},
        attachments=[{"filename": "a.bin", "content": file}],
    )
    await wired.jobs_done()
    [message] = sink.to("ada@example.com")
    assert message["Subject"] == HELLO["title"]
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and text.get_content().splitlines()[:4] == [
        "Line one",
        "Line two",
        "",
        "Open (https://example.com)",
    ]
    assert html is not None and "https://example.com" in html.get_content()
    [attachment] = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("a.bin", b"\x00\x01binary")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_deferrals_are_tried_again_and_refusals_are_not(wired: Platform, sink: Sink) -> None:
    organization = await wired.organization()
    address = "deferred-twice@example.com"
    deferred = await send(organization, content=HELLO, to={"email": address})
    refused = await send(organization, content=HELLO, to={"email": "refused@example.com"})
    dropped = await send(organization, content=HELLO, to={"email": "drops@example.com"})
    await wired.jobs_done()
    assert (await trace_of(organization, refused, "email"))[-1] == ("failed", "refused_by_server")
    for sent in (deferred, dropped):
        assert (await trace_of(organization, sent, "email"))[-1] == ("deferred", "provider_error")
    await wired.advance(40)
    assert (await trace_of(organization, dropped, "email"))[-1] == ("sent", "accepted_by_server")
    await wired.advance(80)
    outcomes = await trace_of(organization, deferred, "email")
    assert [outcome for outcome, _ in outcomes] == ["queued", "deferred", "deferred", "sent"]
    [message] = sink.to(address)
    assert message["Message-ID"] == f"<{deferred['deliveries'][0]['id']}@septet.example>"
    failed = (await organization.client.get("/deliveries", params={"status": "failed"})).json()["data"]
    assert [each["recipient"] for each in failed] == ["refused@example.com"]
    again = await organization.client.post(f"/deliveries/{failed[0]['id']}/retry")
    assert again.json()["status"] == "queued"
    sent_one = (await organization.client.get("/deliveries", params={"status": "sent"})).json()["data"][0]
    problem(await organization.client.post(f"/deliveries/{sent_one['id']}/retry"), 409, "not_retryable")
    await wired.jobs_done()
    assert sink.tries["refused@example.com"] == 2


async def test_what_never_works_is_given_up(wired: Platform, sink: Sink) -> None:
    organization = await wired.organization()
    address = "deferred-always@example.com"
    sink.tries[address] = -100
    sent = await send(organization, content=HELLO, to={"email": address})
    for _ in range(14):
        await wired.advance(9000)
    outcomes = await trace_of(organization, sent, "email")
    assert outcomes[-1] == ("failed", "gave_up")
    assert sink.tries[address] == -100 + 10


async def test_headers_cannot_be_injected(wired: Platform, sink: Sink) -> None:
    organization = await wired.organization()
    bad = {"content": HELLO, "to": {"email": "a@example.com\r\nBcc: eve@example.com"}}
    problem(await organization.client.post("/notifications", json=bad), 422, "invalid_input")
    bad = {"content": {"title": "x\r\nBcc: eve@example.com", "body": ""}, "to": {"email": "a@example.com"}}
    problem(await organization.client.post("/notifications", json=bad), 422, "invalid_input")
    draft = {"key": "t", "channels": {"email": {"en": {"subject": "S {who}", "text": "x"}}}}
    await organization.client.post("/templates", json=draft)
    await organization.client.post("/templates/t/publish")
    data = {"who": "x\r\nBcc: eve@example.com\r\n\r\nbody"}
    await send(organization, template="t", to={"email": "victim@example.com"}, data=data)
    await wired.jobs_done()
    [message] = sink.to("victim@example.com")
    assert message["Bcc"] is None
    assert message["Subject"] == "S x Bcc: eve@example.com body"
    too_large = {"template": "t", "to": {"email": "a@example.com"}, "data": {"who": "x" * 70_000}}
    problem(await organization.client.post("/notifications", json=too_large), 422, "invalid_input")


async def test_a_second_server_takes_over_from_a_stalled_first(tmp_path: Path, worker_id: str) -> None:
    async with smtp_sink() as first, smtp_sink() as second:
        first.stalled = True
        urls = f"smtp://127.0.0.1:{first.port},smtp://127.0.0.1:{second.port}"
        name = f"septet_two_servers_{worker_id}"
        async with platform_with(tmp_path, name, smtp_url=urls, mail_timeout_seconds=0.5) as platform:
            organization = await platform.organization()
            for number in range(20):
                await send(organization, content=HELLO, to={"email": f"n{number}@example.com"})
            started = time.monotonic()
            await platform.jobs_done()
            assert len(second.accepted) == 20 and not first.accepted
            await send(organization, content=HELLO, to={"email": "late@example.com"})
            await platform.jobs_done()
            assert sum(first.tries.values()) < 20
            assert time.monotonic() - started < 8


async def test_dkim_signatures_verify(tmp_path: Path, worker_id: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (tmp_path / "dkim.pem").write_bytes(pem)
    public = base64.b64encode(
        key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    settings = {"dkim_key_file": tmp_path / "dkim.pem", "mailbox_access": "open"}
    async with platform_with(tmp_path, f"septet_dkim_{worker_id}", **settings) as platform:
        organization = await platform.organization()
        await send(organization, content=HELLO, to={"email": "ada@example.com"})
        await platform.jobs_done()
        listed = (await platform.client().get("/mailbox")).json()["data"]
        [mail] = [mail for mail in listed if mail["subject"] != VERIFICATION]
        raw = (await platform.client().get(f"/mailbox/{mail['id']}")).json()["raw"].encode()
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return b"v=DKIM1; k=rsa; p=" + public

    assert dkim.verify(raw, dnsfunc=dns)
    assert asked == [b"septet._domainkey.septet.example."]
    assert not dkim.verify(raw.replace(b"Subject:", b"Subject: Re"), dnsfunc=dns)


async def test_the_mailbox_is_for_members_unless_open(platform: Platform) -> None:
    organization, outsider = await platform.organization(), await platform.person()
    await send(organization, content=HELLO, to={"email": outsider.email})
    await send(organization, content=HELLO, to={"email": "other@example.com"})
    await platform.jobs_done()
    problem(await platform.client().get("/mailbox"), 401, "unauthenticated")
    listed = (await outsider.client.get("/mailbox")).json()["data"]
    assert {mail["to"] for mail in listed} == {outsider.email}
    [own] = [mail for mail in listed if mail["subject"] != VERIFICATION]
    assert own["to"] == outsider.email
    mails = (await organization.client.get("/mailbox")).json()["data"]
    other = next(mail for mail in mails if mail["to"] == "other@example.com")
    problem(await outsider.client.get(f"/mailbox/{other['id']}"), 404, "mail_not_found")
