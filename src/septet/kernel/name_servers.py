"""DNS, asked for TXT records (RFC 1035): how somebody proves that a domain is theirs."""

from collections.abc import Sequence

from dns.asyncresolver import Resolver
from dns.exception import DNSException

PATIENCE_SECONDS = 4.0
PORT = "53"


async def text_records(name: str, servers: Sequence[str]) -> list[str]:
    """The TXT records of a name; none when it does not exist or nobody answers in time.

    `servers`: `address` or `address:port`; empty means those of the system.
    """
    resolver = Resolver(configure=not servers)
    if servers:
        addresses = [server.rpartition(":") if ":" in server else (server, "", PORT) for server in servers]
        resolver.nameservers = [address for address, _, _ in addresses]
        resolver.nameserver_ports = {address: int(port) for address, _, port in addresses}
    try:
        answer = await resolver.resolve(name, "TXT", lifetime=PATIENCE_SECONDS)
    except DNSException:
        return []
    return [b"".join(record.strings).decode(errors="replace") for record in answer]
