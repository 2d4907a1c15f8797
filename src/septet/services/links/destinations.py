"""Where a link may lead: to public http(s) addresses that are not our own and not blocked.

A target is refused when it is, or its name resolves to, an address that is private, loopback, link-local or otherwise
not public; one that does not resolve is accepted, since nothing is ever fetched.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from septet.services.links.errors import UnsafeTarget

LONGEST_URL = 2048
RESOLVE_SECONDS = 1.0
_UNRESERVED = "!#$%&'()*+,/:;=?@[]~-._"
_MOST_AT_ONCE = 64
_threads = ThreadPoolExecutor(max_workers=_MOST_AT_ONCE, thread_name_prefix="links-resolve")


def normalized_url(url: str) -> str:
    """The URL in ASCII, its host in lower case. Raises UnsafeTarget for all but an absolute http(s) URL."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise UnsafeTarget("`url` cannot be read as a URL; check its host and port.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise UnsafeTarget("`url` must begin with http:// or https:// and name a host.")
    if parts.username is not None or "\\" in url or any(ord(c) < 33 for c in host):
        raise UnsafeTarget("`url` must not carry credentials, backslashes or control characters in its host.")
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
    rest = (quote(part, safe=_UNRESERVED) for part in (parts.path, parts.query, parts.fragment))
    result = urlunsplit((parts.scheme, netloc, *rest))
    if len(result) > LONGEST_URL:
        raise UnsafeTarget(f"`url` must not be longer than {LONGEST_URL} characters.")
    return result


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """Add these to the query; parameters that the URL has already are left as they are."""
    if not parameters:
        return url
    parts = urlsplit(url)
    present = {pair.partition("=")[0] for pair in parts.query.split("&")}
    added = urlencode({name: value for name, value in parameters.items() if name not in present})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def is_below(host: str, domains: Collection[str]) -> bool:
    """Whether the host is one of the domains or a subdomain of one."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


async def private_hosts(hosts: Iterable[str]) -> set[str]:
    """Those that are, or resolve to, an address that is not public."""
    asked = list(hosts)
    turn = asyncio.Semaphore(_MOST_AT_ONCE)
    found = await asyncio.gather(*(_addresses(host, turn) for host in asked))
    return {
        host for host, addresses in zip(asked, found, strict=True) if not all(_is_public(each) for each in addresses)
    }


async def _addresses(host: str, turn: asyncio.Semaphore) -> set[str]:
    """Also reads every way to write an IPv4 address that C libraries know (octal, hexadecimal, one number)."""
    if host == "localhost" or host.endswith(".localhost"):
        return {"127.0.0.1"}
    with suppress(OSError, UnicodeError):
        return _texts(socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST))
    loop = asyncio.get_running_loop()
    try:
        async with turn, asyncio.timeout(RESOLVE_SECONDS):
            return _texts(await loop.run_in_executor(_threads, socket.getaddrinfo, host, None))
    except (OSError, UnicodeError, TimeoutError):
        return set()


def _texts(found: list[Any]) -> set[str]:
    return {str(entry[4][0]) for entry in found}


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in ipaddress.ip_network("64:ff9b::/96"):
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return _is_public(str(embedded))
    return address.is_global and not address.is_multicast
