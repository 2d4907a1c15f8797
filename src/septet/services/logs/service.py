"""Logs, declared."""

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
from septet.services.logs.processor import processing
from septet.services.logs.settings import LogsSettings

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
    lifetimes={"worker": processing},
)
