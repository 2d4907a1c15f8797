"""Who or what clicked, and by which rule: a pure function of the recorded click, so it can be run again over the past.

The rules, the first that fits decides: link previews, mail scanners, listed crawlers and libraries, headless browsers,
whatever is no browser at all, a visitor who clicked the same link a moment ago, and people.
"""

import re
from dataclasses import dataclass

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
    """`classification`: human, bot, preview or duplicate."""

    classification: str
    reason: str


def classify(user_agent: str, milliseconds_since_last: int | None, duplicate_ms: int) -> Verdict:
    """`milliseconds_since_last`: since this visitor's last click on this link; None when there is none known."""
    if program := _program(user_agent):
        return program
    if milliseconds_since_last is not None and milliseconds_since_last < duplicate_ms:
        return Verdict("duplicate", f"same visitor within {duplicate_ms // 1000} s")
    return Verdict("human", "browser")


def _program(user_agent: str) -> Verdict | None:
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
