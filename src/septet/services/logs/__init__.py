"""Logs: ingest, queue, derive, store, search and tail.

A request's bytes go into a durable queue as they came; a processor hands them to ClickHouse, which splits lines and
derives timestamp, level, service, message and attributes at insert. Acknowledged means stored exactly once.
"""
