"""The console's session at the gateway: a browser sends its cookie to every port of a host.

A cookie alone proves nothing about which page opened the connection (cross-site WebSocket hijacking), so it counts only
when the `Origin` is the console's: the gateway's own host, or the platform's public URL.
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from septet.kernel.http.dependencies import SESSION_COOKIE


def session_cookie(headers: Mapping[str, str], public_url: str) -> str:
    """The session's token; empty when there is none, or when another site asks."""
    if not _from_our_pages(headers, public_url):
        return ""
    try:
        cookies = SimpleCookie(headers.get("Cookie", ""))
    except CookieError:
        return ""
    return cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else ""


def _from_our_pages(headers: Mapping[str, str], public_url: str) -> bool:
    origin = headers.get("Origin", "")
    try:
        own = urlsplit(f"//{headers.get('Host', '')}").hostname
        asking = urlsplit(origin).hostname
    except ValueError:
        return False
    return asking is not None and (asking == own or origin == public_url.rstrip("/"))
