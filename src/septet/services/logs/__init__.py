"""Logs: ingest, queue, derive, store, search and tail."""
