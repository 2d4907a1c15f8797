"""The console's session at the gateway: a browser sends its cookie to every port of a host, whatever page asks for it.

So a cookie alone proves nothing (cross-site WebSocket hijacking). It counts only where `Origin` is exactly that of the
public URL: scheme, host and port. Where that is this machine, its names `localhost`, `127.0.0.1` and `[::1]` are one.
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from septet.kernel.http.dependencies import SESSION_COOKIE

LOOPBACK = ("localhost", "127.0.0.1", "::1")
DEFAULT_PORTS = {"http": 80, "https": 443}


def session_cookie(headers: Mapping[str, str], public_url: str) -> str:
    """The session's token; empty when there is none, or when another origin asks."""
    asking = _origin(headers.get("Origin", ""))
    if asking is None or asking != _origin(public_url):
        return ""
    try:
        cookies = SimpleCookie(headers.get("Cookie", ""))
    except CookieError:
        return ""
    return cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else ""


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port (RFC 6454); None for what is no origin, such as `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname:
        return None
    return parts.scheme, "localhost" if parts.hostname in LOOPBACK else parts.hostname, port
