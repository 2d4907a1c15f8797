"""Settings of the links service (`SEPTET_LINKS_…`)."""

from pathlib import Path

from pydantic import Field

from septet.kernel.config import CommaList, ServiceSettings


class LinksSettings(ServiceSettings, service="links"):
    code_length: int = Field(7, ge=7, le=32, description="Length of a generated short code, in characters.")
    blocked_domains: CommaList = Field(
        (), description="Domains (with all below them) that no link may lead to; links that do stop working."
    )
    country_headers: CommaList = Field(
        ("cf-ipcountry", "x-country-code"),
        description="Headers in which a proxy tells the visitor's country (ISO 3166), the first that is set counts.",
    )
    country_database: Path | None = Field(
        None, description="MaxMind DB file that tells the country of an address; unset: headers only."
    )
    honour_do_not_track: bool = Field(
        True, description="Store of visitors who send `DNT: 1` or `Sec-GPC: 1` nothing but the click itself."
    )
    duplicate_seconds: int = Field(
        10, ge=0, description="Seconds within which another click of a visitor on the same link is a duplicate."
    )
    misses_per_minute: int = Field(
        120, ge=1, description="Unknown codes that one address may ask for in a minute before it is answered 429."
    )
    password_attempts_per_minute: int = Field(
        10, ge=1, description="Passwords that one address may try on one link in a minute."
    )
    reports_per_hour: int = Field(10, ge=1, description="Reports of links that one address may send in an hour.")
    dns_server: str = Field(
        "", description="Address (or address:port) of the DNS server that verifies domains; empty: the system's."
    )
