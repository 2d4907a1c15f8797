"""Templates, layout and partials on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from septet.kernel.wire import ShortText, Wire

TemplateKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"),
    Field(description="Letters, digits, dots, dashes and underscores.", examples=["order.shipped"]),
]
CategoryName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    Field(description="What kind of message it is; recipients set preferences per category.", examples=["orders"]),
]
LocaleTag = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35),
    Field(description="Language tag (BCP 47).", examples=["pl"]),
]
Source = Annotated[str, StringConstraints(max_length=100_000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class InAppText(Wire):
    """An inbox entry in one language; ICU MessageFormat."""

    title: Line = Field(description="Its title.")
    body: str = Field("", max_length=10_000, description="Its text.")
    link: str | None = Field(None, max_length=2000, description="Where it leads.")


class EmailText(Wire):
    """A mail in one language; ICU MessageFormat."""

    subject: Line = Field(description="The subject, one line.")
    html: Source | None = Field(None, description="The body as HTML; it is put into the layout.")
    mjml: Source | None = Field(None, description="The body as MJML, instead of HTML; a complete document.")
    text: Source | None = Field(None, description="The body as plain text; derived from the HTML when left away.")


class PushText(Wire):
    """A push message in one language; ICU MessageFormat."""

    title: Line = Field(description="Its title.")
    body: str = Field("", max_length=3000, description="Its text.")
    link: str | None = Field(None, max_length=2000, description="What a click opens.")


class Channels(Wire):
    """What the template says, by channel and locale."""

    in_app: dict[LocaleTag, InAppText] = Field(default_factory=dict, description="The inbox entry by locale.")
    email: dict[LocaleTag, EmailText] = Field(default_factory=dict, description="The mail by locale.")
    push: dict[LocaleTag, PushText] = Field(default_factory=dict, description="The push message by locale.")


class TemplateChange(Wire):
    """A template's draft."""

    category: CategoryName = "general"
    default_locale: LocaleTag = "en"
    channels: Channels = Field(description="What it says, by channel and locale.")


class TemplateCreate(TemplateChange):
    """A new template."""

    key: TemplateKey


class TemplatePut(TemplateChange):
    """The whole draft anew; `key` may be repeated and must then be the path's."""

    key: TemplateKey | None = Field(None, description="The template's key, as in the path.")


class TemplateOut(TemplateCreate):
    """A template's draft, and which version is published."""

    published_version: int | None = Field(description="The version in use; null before the first publication.")
    system: bool = Field(False, description="Built in; creating a template with its key replaces it.")
    updated_at: datetime | None = Field(None, description="Last change of the draft.")


class TemplateVersionOut(Wire):
    """A published version."""

    version: int = Field(description="Counts from 1.")
    published_at: datetime = Field(description="When it was published.")
    template: TemplateCreate = Field(description="What was published.")


class TemplatePreview(Wire):
    """How to preview a template."""

    locale: LocaleTag = "en"
    data: dict[str, Any] = Field(default_factory=dict, description="Values of the variables.")
    time_zone: str = Field("UTC", max_length=64, description="Time zone for dates (IANA name).")
    published: bool = Field(False, description="The published version instead of the draft.")


class RenderedMessage(Wire):
    """A message as a recipient would get it."""

    channel: str = Field(description="inApp, email or push.")
    locale: str = Field(description="The locale it is in, which may be a fallback.")
    fallback: bool = Field(description="Whether the wanted locale was missing.")
    title: str = Field(description="Title or subject.")
    body: str = Field(description="Text.")
    html: str | None = Field(None, description="The mail's HTML.")
    link: str | None = Field(None, description="Where it leads.")


class PreviewOut(Wire):
    """The template, rendered for every channel it has."""

    messages: list[RenderedMessage] = Field(description="One for each channel.")
    missing: list[str] = Field(description="Variables for which `data` has no value.")


class Layout(Wire):
    """What every HTML mail of the organization shares."""

    product_name: ShortText = Field("Septet", description="Shown in the head of the mail.")
    logo_url: str | None = Field(None, max_length=2000, pattern=r"^https?://", description="Address of the logo.")
    color: str = Field("#3b5bdb", pattern=r"^#[0-9a-fA-F]{6}$", description="Colour of buttons and links.")
    footer: str = Field("", max_length=2000, description="Text under every mail, such as a postal address.")
    short_links: bool = Field(False, description="Replace links in mails by short links, to see who follows them.")
    html: Source | None = Field(None, description="A frame of one's own; `{>content}` is where the body goes.")


class BrandingBody(Wire):
    """Layout and partials of the organization."""

    layout: Layout = Field(default_factory=Layout, description="The frame of HTML mails.")
    partials: dict[TemplateKey, Source] = Field(
        default_factory=dict, max_length=100, description="Pieces that templates include by `{>name}`."
    )
