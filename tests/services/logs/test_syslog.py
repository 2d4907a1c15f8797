"""Syslog over TCP and UDP: every framing, every form, the same rows."""

import asyncio
import socket

from pydantic import SecretStr
from tests.platform import Organization, Platform
from tests.services.logs.lines import stored

from septet.services.logs.settings import LogsSettings
from septet.services.logs.syslog import listening

MODERN = "<165>1 2026-05-01T10:00:00.5Z web1 shop 12 ID1 - order {} żółć"
CLASSIC = "<11>May  1 10:00:00 web1 shop[12]: order {} żółć"


async def test_tcp_and_udp_give_the_same_rows(platform: Platform, organization: Organization) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    runtime = platform.runtime
    before = runtime.service_settings(LogsSettings)
    key = await platform.api_key(organization, "logs:write")
    runtime._service_settings[LogsSettings] = LogsSettings(syslog_port=port, syslog_api_key=SecretStr(key))
    try:
        async with listening(runtime):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write("".join(f"{MODERN.format(n)}\n" for n in range(10)).encode())
            counted = [CLASSIC.format(n).encode() for n in range(10, 20)]
            writer.write(b"".join(b"%d %b" % (len(message), message) for message in counted))
            await writer.drain()
            writer.close()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number in range(20, 30):
                    sender.sendto(MODERN.format(number).encode(), ("127.0.0.1", port))
            found = await stored(organization.client, 30)
    finally:
        runtime._service_settings[LogsSettings] = before
    assert {line["message"] for line in found} == {f"order {n} żółć" for n in range(30)}
    assert {(line["service"], line["host"], line["attributes"]["processId"]) for line in found} == {
        ("shop", "web1", "12")
    }
    assert {line["level"] for line in found} == {"info", "error"}
