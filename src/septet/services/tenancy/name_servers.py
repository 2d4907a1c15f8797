"""DNS, asked for TXT records."""

from collections.abc import Sequence

from dns.asyncresolver import Resolver
from dns.exception import DNSException

TIMEOUT_SECONDS = 4.0


async def text_records(domain: str, servers: Sequence[str]) -> list[str]:
    """The TXT records of a domain; none when it does not exist or nobody answers.

    `servers`: `address` or `address:port`; empty means those of the system.
    """
    resolver = Resolver(configure=not servers)
    resolver.lifetime = TIMEOUT_SECONDS
    if servers:
        addresses = [server.rpartition(":") if ":" in server else (server, "", "53") for server in servers]
        resolver.nameservers = [address for address, _, _ in addresses]
        resolver.nameserver_ports = {address: int(port) for address, _, port in addresses}
    try:
        answer = await resolver.resolve(domain, "TXT")
    except DNSException:
        return []
    return [b"".join(record.strings).decode(errors="replace") for record in answer]
