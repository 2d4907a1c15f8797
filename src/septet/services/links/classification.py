"""Who or what clicked, and by which rule: a pure function of the recorded click, so it can be run again over the past.

The rules, the first that fits decides: link previews, mail scanners, listed crawlers and libraries, headless browsers,
whatever is no browser at all, a visitor who clicked the same link a moment ago, and people.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from septet.services.links.user_agents import program_of

RULES_VERSION = 1

_PREVIEWS = re.compile(
    r"WhatsApp|TelegramBot|facebookexternalhit|Facebot|Twitterbot|Slackbot|Slack-ImgProxy|Discordbot|LinkedInBot"
    r"|SkypeUriPreview|Pinterestbot|Viber|Signal|redditbot|Mastodon|Snapchat|vkShare|Iframely|Embedly|KAKAOTALK-SCRAP"
    r"|kakaotalk-scrap|Google-PageRenderer|MicrosoftPreview|BingPreview|Bluesky Cardyb|ZoomBot|Line(?:Bot|-Preview)"
)
_MAIL_SCANNERS = re.compile(
    r"Barracuda|Proofpoint|Mimecast|GoogleImageProxy|YahooMailProxy|ms-office|MSOffice|Microsoft Office|SafeLinks"
    r"|IronPort|FireEye|Trend ?Micro|Symantec|MessageLabs|Sophos|Forcepoint|Fortinet|zscaler|Cloudmark|Avanan|Vade"
    r"|Google-Safety|EmailSecurity|urlscan|VirusTotal",
    re.IGNORECASE,
)
_HEADLESS = re.compile(r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|Cypress|Lighthouse|PTST/")
_BROWSER = re.compile(r"^(?:Mozilla|Opera)/\d")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who or what clicked, and the rule that said so."""

    classification: Literal["human", "bot", "preview", "duplicate"]
    reason: str


HUMAN = Verdict("human", "browser")


def classify(program: Verdict | None, milliseconds_since_last: int | None, duplicate_ms: int) -> Verdict:
    """`program`: from `program_verdict`. `milliseconds_since_last`: since this visitor's last click on this link; None
    when there is none known.
    """
    if program:
        return program
    if milliseconds_since_last is not None and milliseconds_since_last < duplicate_ms:
        return _duplicate(duplicate_ms)
    return HUMAN


@cache
def _duplicate(duplicate_ms: int) -> Verdict:
    return Verdict("duplicate", f"same visitor within {duplicate_ms // 1000} s")


def program_verdict(user_agent: str) -> Verdict | None:
    """None for a browser, which a person uses."""
    if not user_agent:
        return Verdict("bot", "no user agent")
    if found := _PREVIEWS.search(user_agent):
        return Verdict("preview", f"link preview: {found[0]}")
    if found := _MAIL_SCANNERS.search(user_agent):
        return Verdict("bot", f"mail scanner: {found[0]}")
    if listed := program_of(user_agent):
        if "social-preview" in listed.kinds:
            return Verdict("preview", f"link preview: {listed.name}")
        return Verdict("bot", f"listed program: {listed.name}")
    if found := _HEADLESS.search(user_agent):
        return Verdict("bot", f"automated browser: {found[0]}")
    if not _BROWSER.match(user_agent):
        return Verdict("bot", "not a browser")
    return None
