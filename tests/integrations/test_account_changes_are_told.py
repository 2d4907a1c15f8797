"""The promises of `account_changes_are_told.py`."""

from uuid import UUID

from tests.integrations.mailbox import mail_to
from tests.integrations.test_account_mails_are_notifications import token_in
from tests.platform import PASSWORD, Organization, Person, Platform, created

NEW_PASSWORD = "another horse, another battery"


async def test_a_new_device_is_told(platform: Platform, organization: Organization) -> None:
    body = {"email": organization.owner.email, "password": PASSWORD}
    for device in ("Firefox/140.0 (first)", "Chrome/150.0 (second)"):
        await platform.client().post("/auth/login", json=body, headers={"User-Agent": device})
    mail = await mail_to(platform, organization, organization.owner.email, "New log-in")
    assert "second" in mail["text"]


async def whoever_reads(platform: Platform, email: str) -> Organization:
    """The address is free again; whoever has it now reads what comes there."""
    body = {"email": email, "password": PASSWORD, "name": "Somebody"}
    made = created(await platform.client().post("/auth/signup", json=body))
    client = platform.client(made["session"]["token"])
    return Organization(UUID(int=0), Person(client, UUID(made["user"]["id"]), email, made["session"]["token"]))


async def test_a_new_password_is_told(platform: Platform, organization: Organization) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    answer = await organization.client.post("/auth/password/change", json=body)
    assert answer.status_code == 204, answer.text
    await mail_to(platform, organization, organization.owner.email, "password was changed")


async def test_another_address_is_told_at_the_old_one(platform: Platform, organization: Organization) -> None:
    owner = organization.owner
    body = {"email": "new-" + owner.email, "password": PASSWORD}
    await owner.client.post("/auth/email/change", json=body)
    mail = await mail_to(platform, organization, body["email"], "Confirm your new e-mail")
    await platform.client().post("/auth/email/confirm-change", json={"token": token_in(mail["text"])})
    told = await mail_to(platform, await whoever_reads(platform, owner.email), owner.email, "address of your account")
    assert body["email"] in told["text"]
