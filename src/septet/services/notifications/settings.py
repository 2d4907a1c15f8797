"""Notifications' settings."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from septet.kernel.config import HttpUrl, ServiceSettings


def _smtp_urls(value: SecretStr) -> SecretStr:
    for url in split_urls(value):
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must be smtp://user:password@host:port or smtps://…, several separated by commas")
    return value


def split_urls(value: SecretStr | None) -> list[str]:
    """The providers in order; a comma within a password is written %2C."""
    return [url.strip() for url in value.get_secret_value().split(",") if url.strip()] if value else []


SmtpUrls = Annotated[SecretStr, AfterValidator(_smtp_urls)]


class NotificationsSettings(ServiceSettings, service="notifications"):
    """`SEPTET_NOTIFICATIONS_…`"""

    smtp_url: SmtpUrls | None = Field(
        None,
        description="SMTP servers in order of preference, separated by commas: smtp://user:password@host:port, "
        "smtps://…, ?starttls=true to demand STARTTLS; unset: mail goes to the development mailbox.",
    )
    mail_from: str = Field("Septet <no-reply@septet.example>", description="Sender of every e-mail: Name <address>.")
    mail_connections: int = Field(8, ge=1, le=200, description="Connections kept to each SMTP server, per process.")
    mail_timeout_seconds: float = Field(20.0, gt=0, le=300, description="Longest wait for an SMTP answer, in seconds.")
    mailbox_access: Literal["auto", "open", "members"] = Field(
        "auto",
        description="Who may read the development mailbox: everybody (open) or the organization's members (members); "
        "auto: open while Septet listens on a loopback address and its public URL is one.",
    )
    dkim_key_file: Path | None = Field(None, description="PEM file of the RSA or Ed25519 key that signs e-mail (DKIM).")
    dkim_selector: str = Field("septet", description="DKIM selector: the key's name in the DNS.")
    dkim_domain: str | None = Field(None, description="DKIM domain; unset: that of the sender.")
    webhook_allow_private: bool = Field(
        False, description="Let webhooks and push reach private, loopback and link-local addresses; for development."
    )
    webhook_timeout_seconds: float = Field(15.0, gt=0, le=60, description="Longest wait for a webhook, in seconds.")
    webhook_disable_after_hours: int = Field(
        120, ge=1, le=8760, description="A webhook endpoint that fails for so many hours without a success is disabled."
    )
    vapid_subject: str | None = Field(None, description="Contact in Web Push: mailto: or https:; unset: the sender.")
    push_ttl_seconds: int = Field(86_400, ge=0, le=2_419_200, description="How long push services keep a message.")
    fcm_service_account_file: Path | None = Field(None, description="Google service account for FCM; unset: no FCM.")
    fcm_url: HttpUrl = Field("https://fcm.googleapis.com", description="Base URL of FCM HTTP v1.")
    default_locale: str = Field("en", description="Locale of last resort.")
    digest_window_seconds: int = Field(
        900, ge=1, le=31 * 86400, description="How long a digest collects where its category says nothing."
    )
    inbox_retention_days: int = Field(90, ge=1, le=3650, description="Inbox entries are kept for so many days.")
    retention_days: int = Field(30, ge=1, le=3650, description="Notifications and their traces are kept so many days.")
