"""Asking the DNS for TXT records (RFC 1035), with a short timeout."""

from dns.asyncresolver import Resolver
from dns.exception import DNSException

PATIENCE_SECONDS = 3.0


async def texts_at(name: str, server: str) -> set[str]:
    """A name's texts; none when nobody answers. `server`: address[:port], empty: the system's."""
    resolver = Resolver(configure=not server)
    if server:
        address, _, port = server.partition(":")
        resolver.nameservers = [address]
        resolver.port = int(port or 53)
    try:
        answer = await resolver.resolve(name, "TXT", lifetime=PATIENCE_SECONDS, raise_on_no_answer=False)
    except DNSException:
        return set()
    return {b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()}
