"""Logs, declared."""

from septet.kernel.service import Service

SERVICE = Service(name="logs", title="Logs: ingest, queue, derive, store, search and tail")
