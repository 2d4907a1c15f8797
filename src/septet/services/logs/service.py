"""Logs, declared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from septet.kernel.runtime import Runtime
from septet.kernel.service import Service
from septet.services.logs.endpoints import (
    configuration,
    elasticsearch,
    ingest,
    lines,
    loki_push,
    loki_query,
    otlp,
    summaries,
)
from septet.services.logs.hot import hot_routes
from septet.services.logs.processor import processing
from septet.services.logs.settings import LogsSettings
from septet.services.logs.syslog import listening


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    """What a worker does beside jobs: store what is queued, and listen for syslog where that is on."""
    async with processing(runtime), listening(runtime):
        yield


SERVICE = Service(
    name="logs",
    title="Logs: ingest, queue, derive, store, search and tail",
    routers=[
        ingest.router,
        summaries.router,
        configuration.router,
        lines.router,
        otlp.router,
        loki_push.router,
        loki_query.router,
        elasticsearch.router,
    ],
    settings=LogsSettings,
    hot_routes=hot_routes,
    lifetimes={"worker": working},
)
