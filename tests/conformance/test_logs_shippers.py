"""Unmodified shippers send the same records; the same rows come out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import httpx
import logging_loki
import pytest
from elasticsearch import Elasticsearch, helpers
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from tests.platform import Platform
from tests.services.logs.lines import stored
from tests.serving import served

from septet.app import web_application

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
