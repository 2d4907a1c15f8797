"""Links on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from septet.kernel.wire import LongText, Moment, ShortText, Wire
from septet.services.links.codes import ALIAS_PATTERN

Device = Literal["desktop", "mobile", "tablet"]
OperatingSystem = Literal["android", "ios", "linux", "macos", "windows", "other"]
Url = Annotated[str, StringConstraints(min_length=1, max_length=8192)]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[^|,\x00-\x1f]+$")
]
Host = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=253,
        pattern=r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$",
    ),
]
Alias = Annotated[str, StringConstraints(pattern=ALIAS_PATTERN, max_length=64)]
RedirectStatus = Literal[301, 302, 307]


class Utm(Wire):
    """Campaign parameters, added to the target's query unless it has them."""

    source: ShortText | None = Field(None, description="`utm_source`, such as `newsletter`.")
    medium: ShortText | None = Field(None, description="`utm_medium`, such as `email`.")
    campaign: ShortText | None = Field(None, description="`utm_campaign`, such as `spring`.")
    term: ShortText | None = Field(None, description="`utm_term`.")
    content: ShortText | None = Field(None, description="`utm_content`.")


class Target(Wire):
    """Another place to lead some visitors to. The first target all of whose conditions hold is taken.

    A target without conditions takes `weight` percent of the other visitors (an A/B split); the rest go to `url`.
    """

    url: Url = Field(description="Where these visitors are led.")
    device: Device | None = Field(None, description="Only visitors with such a device.")
    os: OperatingSystem | None = Field(None, description="Only visitors with this operating system.")
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="Only visitors from this country (ISO 3166).")
    language: str | None = Field(
        None, pattern="^[a-z]{2,3}$", description="Only visitors whose preferred language is this (ISO 639)."
    )
    weight: int | None = Field(None, ge=1, le=100, description="Percent of visitors; only without conditions.")

    @model_validator(mode="after")
    def _condition_or_weight(self) -> Self:
        conditional = any((self.device, self.os, self.country, self.language))
        if conditional == (self.weight is not None):
            raise ValueError("a target needs either conditions (device, os, country, language) or a weight")
        return self


class LinkFields(Wire):
    """What can be set and changed."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field("", description="A name.")
    notes: LongText = Field("", description="Notes for the team; visitors never see them.")
    tags: list[Tag] = Field(default_factory=list, max_length=30, description="Tags, to group links.")
    redirect_status: RedirectStatus = Field(
        302, description="Status of the redirect; a browser keeps a 301 for good, and its later visits are not seen."
    )
    forward_query: bool = Field(False, description="Whether the query of the short URL is added to the target's.")
    starts_at: Moment | None = Field(None, description="Before this time the link leads nowhere.")
    expires_at: Moment | None = Field(None, description="From this time on the link is gone.")
    max_clicks: int | None = Field(None, ge=1, le=10**12, description="After so many clicks the link is spent.")
    fallback_url: Url | None = Field(None, description="Where visitors go before the start, after the end, when spent.")
    utm: Utm = Field(default_factory=Utm, description="Campaign parameters.")
    targets: list[Target] = Field(default_factory=list, max_length=50, description="Other targets for some visitors.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if sum(target.weight or 0 for target in self.targets) > 100:
            raise ValueError("the weights of targets must not sum up to more than 100 percent")
        if self.starts_at and self.expires_at and self.starts_at >= self.expires_at:
            raise ValueError("startsAt must be before expiresAt")
        return self


class LinkCreate(LinkFields):
    """A new link."""

    url: Url = Field(description="Where it leads: a public http(s) URL.", examples=["https://example.com/a/long/page"])
    alias: Alias | None = Field(None, description="The code wanted; a random one when left away.", examples=["spring"])
    domain: Host | None = Field(None, description="A verified domain of yours; the platform's own when left away.")
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = Field(
        None, description="What visitors must enter first."
    )


class LinkChange(LinkFields):
    """What to change; fields left away stay, null takes a value away."""

    url: Url = Field("", description="Where it leads from now on.")
    alias: Alias | None = Field(None, description="Another code; the old one leads nowhere any more.")
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = Field(
        None, description="A new password; null takes it away."
    )
    archived: bool = Field(False, description="An archived link is out of the list and leads nowhere.")


class LinkOut(Wire):
    """A link."""

    id: UUID = Field(description="The link's id.")
    code: str = Field(description="Its code, unique on its domain.")
    domain: str | None = Field(description="Its custom domain; null for the platform's own.")
    short_url: str = Field(description="What to hand out.")
    url: str = Field(description="Where it leads.")
    title: str = Field(description="Its name.")
    notes: str = Field(description="Notes for the team.")
    tags: list[str] = Field(description="Its tags.")
    status: Literal["active", "archived", "disabled"] = Field(description="Whether it leads anywhere.")
    disabled_reason: str | None = Field(description="Why it was disabled.")
    redirect_status: int = Field(description="Status of the redirect.")
    forward_query: bool = Field(description="Whether the visitor's query is passed on.")
    starts_at: datetime | None = Field(description="When it begins to lead somewhere.")
    expires_at: datetime | None = Field(description="When it ends.")
    max_clicks: int | None = Field(description="After how many clicks it is spent.")
    has_password: bool = Field(description="Whether visitors must enter a password.")
    fallback_url: str | None = Field(description="Where visitors go when it does not lead to its target.")
    utm: Utm = Field(description="Campaign parameters.")
    targets: list[Target] = Field(description="Other targets for some visitors.")
    created_at: datetime = Field(description="When it was made.")
    updated_at: datetime = Field(description="When it was changed last.")
    clicks: int | None = Field(
        None,
        description="Clicks by people in the last 30 days, as its statistics say. Null where it was not asked for "
        "(`clicks=true`) or cannot be counted now.",
    )


class LinksCreate(Wire):
    """Many new links."""

    links: list[LinkCreate] = Field(min_length=1, max_length=1000, description="The links, at most 1,000.")


class FailedLink(Wire):
    """Why a link was not made."""

    code: str = Field(description="The refusal's stable code, such as `alias_taken`.")
    detail: str = Field(description="What is wrong and how to mend it.")


class CreatedLink(Wire):
    """What became of one of many links."""

    index: int = Field(description="Its position in the request, from 0.")
    link: LinkOut | None = Field(description="The link; null when it was refused.")
    error: FailedLink | None = Field(description="Why it was refused; null when it was made.")


class CreatedLinks(Wire):
    """What became of many links: each is made or refused for itself."""

    created: int = Field(description="How many were made.")
    failed: int = Field(description="How many were refused.")
    results: list[CreatedLink] = Field(description="One entry each, in the order of the request.")


class DomainClaim(Wire):
    """A domain to use for short links."""

    host: Host = Field(description="Its full name.", examples=["go.example.com"])


class DomainOut(Wire):
    """A domain and how to prove that it is yours."""

    id: UUID = Field(description="The claim's id.")
    host: str = Field(description="The domain.")
    status: Literal["pending", "verified"] = Field(description="Whether ownership is proven.")
    txt_name: str = Field(description="Name of the DNS TXT record to set.")
    txt_value: str = Field(description="Text of the DNS TXT record to set.")
    verified_at: datetime | None = Field(description="When ownership was proven.")
    created_at: datetime = Field(description="When it was claimed.")


class ReportCreate(Wire):
    """A report of abuse."""

    reason: Literal["spam", "phishing", "malware", "illegal", "other"] = Field(description="What is wrong.")
    details: Annotated[str, StringConstraints(max_length=2000)] = Field("", description="More about it.")


class ReportOut(Wire):
    """A report of abuse."""

    id: UUID = Field(description="The report's id.")
    reason: str = Field(description="What is wrong.")
    details: str = Field(description="More about it.")
    created_at: datetime = Field(description="When it was sent.")


class LinkDisable(Wire):
    """Why a link is disabled."""

    reason: ShortText = Field(description="What visitors are told.")


class DayCount(Wire):
    """The clicks of a day."""

    date: str = Field(description="The day in the asked time zone, `YYYY-MM-DD`.")
    clicks: int = Field(description="Clicks.")
    visitors: int = Field(description="Unique visitors of that day.")


class HourCount(Wire):
    """The clicks of an hour."""

    at: datetime = Field(description="When the hour begins.")
    clicks: int = Field(description="Clicks.")
    visitors: int = Field(description="Unique visitors in that hour.")


class Share(Wire):
    """How many clicks share a value."""

    value: str = Field(description="The value; empty where it is not known.")
    clicks: int = Field(description="Clicks.")


class Statistics(Wire):
    """Clicks, counted and grouped."""

    total_clicks: int = Field(description="Clicks by people; with `bots=true` those by programs too.")
    unique_visitors: int = Field(description="Unique visitors; who comes on two days (UTC) counts twice.")
    bots: int = Field(description="Clicks by bots and link previews, whatever `bots` says.")
    per_day: list[DayCount] = Field(description="Each day of the range, those without clicks included.")
    per_hour: list[HourCount] = Field(description="Each hour with clicks; empty for ranges of more than 31 days.")
    referrers: list[Share] = Field(description="Hosts that visitors came from.")
    browsers: list[Share] = Field(description="Browsers.")
    operating_systems: list[Share] = Field(description="Operating systems.")
    devices: list[Share] = Field(description="Kinds of device.")
    countries: list[Share] = Field(description="Countries (ISO 3166).")
    languages: list[Share] = Field(description="Preferred languages.")
    campaigns: list[Share] = Field(description="`utm_campaign` of the short URL that was visited.")
    variants: list[Share] = Field(description="Which target: 0 is `url`, n the n-th of `targets`.")


Verdict = Literal["human", "bot", "preview", "duplicate"]


class ClickOut(Wire):
    """A click."""

    id: UUID = Field(description="The click's id.")
    link_id: UUID = Field(description="The link.")
    at: datetime = Field(description="When.")
    classification: Verdict = Field(description="Who or what clicked.")
    reason: str = Field(description="The rule that decided so.")
    referrer: str = Field(description="The page it came from, without its query.")
    browser: str = Field(description="Browser.")
    operating_system: str = Field(description="Operating system.")
    device: str = Field(description="Kind of device.")
    language: str = Field(description="Preferred language.")
    country: str = Field(description="Country.")
    utm_source: str = Field(description="`utm_source` of the short URL.")
    utm_medium: str = Field(description="`utm_medium` of the short URL.")
    utm_campaign: str = Field(description="`utm_campaign` of the short URL.")
    variant: int = Field(description="Which target: 0 is `url`, n the n-th of `targets`.")


class Reclassified(Wire):
    """Clicks that the rules are run over again."""

    scheduled: bool = Field(description="It runs in the background.")
