"""Logs, declared."""

from septet.kernel.service import Service
from septet.services.logs.endpoints import ingest, lines
from septet.services.logs.processor import processing
from septet.services.logs.settings import LogsSettings

SERVICE = Service(
    name="logs",
    title="Logs: ingest, queue, derive, store, search and tail",
    routers=[ingest.router, lines.router],
    settings=LogsSettings,
    lifetimes={"worker": processing},
)
