"""The promises of `account_mails_are_notifications.py`."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from tests.integrations.mailbox import mail_to
from tests.platform import PASSWORD, Organization, Person, Platform, created


def token_in(text: str) -> str:
    link = next(word for word in text.split() if "token=" in word).strip("()")
    return parse_qs(urlsplit(link).query)["token"][0]


async def test_verification_by_mail(platform: Platform) -> None:
    email = "unverified@example.com"
    body = {"email": email, "password": PASSWORD, "name": "Ada"}
    account = created(await platform.client().post("/auth/signup", json=body))
    token, user_id = account["session"]["token"], UUID(account["user"]["id"])
    founded = UUID(created(await platform.client(token).post("/organizations", json={"name": "Acme"}))["id"])
    organization = Organization(founded, Person(platform.client(token, founded), user_id, email, token))
    mail = await mail_to(platform, organization, email, "Confirm your e-mail")
    verified = await platform.client().post("/auth/email/verify", json={"token": token_in(mail["text"])})
    assert verified.status_code == 204


async def test_reset_of_the_password_by_mail(platform: Platform, organization: Organization) -> None:
    email = organization.owner.email
    await platform.client().post("/auth/password/forgot", json={"email": email})
    mail = await mail_to(platform, organization, email, "Choose a new password")
    body = {"token": token_in(mail["text"]), "password": "another horse, another battery"}
    assert (await platform.client().post("/auth/password/reset", json=body)).status_code == 204


async def test_change_of_address_by_mail_to_the_new_one(platform: Platform, organization: Organization) -> None:
    owner = organization.owner
    body = {"email": "new-" + owner.email, "password": PASSWORD}
    assert (await owner.client.post("/auth/email/change", json=body)).status_code == 202
    mail = await mail_to(platform, organization, body["email"], "Confirm your new e-mail")
    confirmed = await platform.client().post("/auth/email/confirm-change", json={"token": token_in(mail["text"])})
    assert confirmed.status_code == 204
    assert (await owner.client.get("/me")).json()["user"]["email"] == body["email"]
