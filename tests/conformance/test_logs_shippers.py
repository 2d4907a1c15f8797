"""Unmodified shippers send the same records; the same rows come out."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import logging_loki
import pytest
from benchmarks.installation import free_ports
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from pydantic import SecretStr
from tests.platform import Platform
from tests.services.logs.lines import stored
from tests.serving import served

from septet.app import web_application
from septet.services.logs.settings import LogsSettings
from septet.services.logs.syslog import listening

RECORDS = 1000
LEVELS = [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR]
NAMES = {logging.DEBUG: "debug", logging.INFO: "info", logging.WARNING: "warn", logging.ERROR: "error"}
EXPECTED = sorted(("shop", NAMES[LEVELS[n % 4]], f"order {n} żółć") for n in range(RECORDS))


@pytest.fixture
async def url(platform: Platform) -> AsyncIterator[str]:
    async with served(web_application(platform.runtime)) as url:
        yield url


async def rows(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    found = await stored(client, RECORDS, service="shop")
    return sorted((line["service"], line["level"], line["message"]) for line in found)


def log_everything(handler: logging.Handler) -> None:
    logger = logging.Logger("shop", logging.DEBUG)
    logger.addHandler(handler)
    for number in range(RECORDS):
        logger.log(LEVELS[number % 4], "order %d żółć", number)


def through_opentelemetry(url: str, key: str) -> None:
    provider = LoggerProvider(Resource({"service.name": "shop"}))
    exporter = OTLPLogExporter(f"{url}/v1/logs", headers={"Authorization": f"Bearer {key}"})
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    log_everything(LoggingHandler(logger_provider=provider))
    provider.shutdown()


def through_python_logging_loki(url: str, key: str) -> None:
    log_everything(
        logging_loki.LokiHandler(f"{url}/loki/api/v1/push", {"service": "shop"}, auth=("septet", key), version="1")
    )


def through_elasticsearch_bulk(url: str, key: str) -> None:
    from elasticsearch import Elasticsearch, helpers  # here: it takes a second, and every worker collects this file

    client = Elasticsearch(url, api_key=key)
    actions = [
        {
            "_op_type": "create",
            "_index": "shop",
            "_id": str(n),
            "message": f"order {n} żółć",
            "level": NAMES[LEVELS[n % 4]],
        }
        for n in range(RECORDS)
    ]
    assert helpers.bulk(client, actions) == (RECORDS, [])
    repeated, errors = helpers.bulk(client, actions[:10], raise_on_error=False)
    assert repeated == 0
    assert {error["create"]["status"] for error in errors} == {409}
    client.close()


@pytest.mark.parametrize(
    "ship", [through_opentelemetry, through_python_logging_loki, through_elasticsearch_bulk], ids=lambda f: f.__name__
)
async def test_the_same_records_give_the_same_rows(
    platform: Platform, url: str, ship: Callable[[str, str], None]
) -> None:
    organization = await platform.organization()
    await asyncio.to_thread(ship, url, await platform.api_key(organization, "logs:write"))
    assert await rows(organization.client) == EXPECTED


NODE = Path(__file__).parent / "logs_node"


async def test_pino_loki_gives_the_same_rows(platform: Platform, url: str, tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("node and npm are not installed here")
    directory = Path(shutil.copytree(NODE, tmp_path / "node"))
    code, output = await run("npm", "ci", "--no-audit", "--no-fund", "--silent", cwd=directory)
    if code != 0:
        pytest.skip(f"pino-loki cannot be installed here: {output[-200:]}")
    organization = await platform.organization()
    key = await platform.api_key(organization, "logs:write")
    assert await run("node", "ship.mjs", url, key, cwd=directory) == (0, "")
    assert await rows(organization.client) == EXPECTED


async def run(*command: str, cwd: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


SEVERITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
RSYSLOG = """
global(workDirectory="{directory}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{port}")
{action}
"""
TO_ELASTICSEARCH = """
module(load="omelasticsearch")
template(name="document" type="list" option.jsonf="on") {{
  property(outname="message" name="msg" format="jsonf")
  property(outname="level" name="syslogseverity-text" format="jsonf")
}}
action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" uid="septet" pwd="{key}" template="document"
       searchIndex="shop" searchType="" bulkmode="on" action.resumeRetryCount="-1")
"""
TO_SYSLOG = """
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format")
"""


async def test_rsyslogs_elasticsearch_module_gives_the_same_rows(platform: Platform, url: str, tmp_path: Path) -> None:
    organization = await platform.organization()
    key = await platform.api_key(organization, "logs:write")
    async with rsyslog(tmp_path, TO_ELASTICSEARCH.format(port=httpx.URL(url).port, key=key)) as port:
        await log_to(port)
        assert await rows(organization.client) == EXPECTED


async def test_rsyslogs_plain_forwarding_gives_the_same_rows(platform: Platform, tmp_path: Path) -> None:
    organization = await platform.organization()
    (port,) = free_ports(1)
    key = SecretStr(await platform.api_key(organization, "logs:write"))
    runtime, before = platform.runtime, platform.runtime.service_settings(LogsSettings)
    runtime._service_settings[LogsSettings] = LogsSettings(syslog_port=port, syslog_api_key=key)
    try:
        async with listening(runtime), rsyslog(tmp_path, TO_SYSLOG.format(port=port)) as at:
            await log_to(at)
            assert await rows(organization.client) == EXPECTED
    finally:
        runtime._service_settings[LogsSettings] = before


@asynccontextmanager
async def rsyslog(directory: Path, action: str) -> AsyncIterator[int]:
    """Debian's own daemon with one TCP input, whose port this yields, and one action."""
    daemon = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
    if daemon is None:
        pytest.skip("rsyslog is not installed here")
    (port,) = free_ports(1)
    configuration = directory / "rsyslog.conf"
    configuration.write_text(RSYSLOG.format(directory=directory, port=port, action=action))
    arguments = ["-n", "-f", str(configuration), "-i", str(directory / "pid")]
    process = await asyncio.create_subprocess_exec(daemon, *arguments, stderr=asyncio.subprocess.PIPE)
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


async def log_to(port: int) -> None:
    """The thousand records in RFC 5424, once somebody listens."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
    for number in range(RECORDS):
        severity = SEVERITIES[LEVELS[number % 4]]
        writer.write(f"<{8 + severity}>1 2026-05-01T10:00:00Z web1 shop - - - order {number} żółć\n".encode())
    await writer.drain()
    writer.close()
