"""Which addresses Septet may call for its customers: public ones over HTTP, never what lies behind the firewall.

What the connection goes to is what was checked, so a name that changes its mind (DNS rebinding) gains nothing.
Redirects are not followed.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Leads to the IPv4 address in its last 32 bits (RFC 6052)."""


class AddressRefused(Exception):
    """The URL leads where Septet does not go; the text says why."""


def check_url(url: str, *, allow_private: bool) -> None:
    """What can be told without asking the DNS. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefused(f"is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused("must begin with https:// or http:// and name a host")
    if parts.username or parts.password:
        raise AddressRefused("must not hold a user name or password")
    if not allow_private and (host == "localhost" or host.endswith((".localhost", ".local", ".internal"))):
        raise AddressRefused(f"leads to {host}, which is a private name")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # 127.1, 0x7f000001 and 2130706433 are addresses to some resolvers.
        last = host.rstrip(".").rpartition(".")[2]
        if last.isdigit() or last.startswith("0x"):
            raise AddressRefused(f"names {host}, which is neither a name nor a whole address") from None
        return
    _require_public(address, host, allow_private)


class CheckedResolver(ThreadedResolver):
    """Resolves names for an HTTP client, and refuses what leads to addresses that are not public."""

    def __init__(self, *, allow_private: bool) -> None:
        super().__init__()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises AddressRefused, OSError."""
        found = await super().resolve(host, port, family)
        for each in found:
            _require_public(ipaddress.ip_address(each["host"].partition("%")[0]), host, self._allow_private)
        return found


def _require_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address, host: str, allow_private: bool) -> None:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if address in NAT64:
        mapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if not allow_private and (not address.is_global or address.is_multicast or (mapped and not mapped.is_global)):
        raise AddressRefused(
            f"leads to {host} ({address}), which is not a public address; "
            "SEPTET_NOTIFICATIONS_WEBHOOK_ALLOW_PRIVATE=true allows it for development"
        )
