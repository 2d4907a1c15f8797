"""What operators see: structured logs, Prometheus metrics and OpenTelemetry traces.

The request id and the tenant are bound per request or job (context variables of structlog); every log line has them.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry import propagate, trace
from prometheus_client import Counter, Gauge, Histogram

from septet.kernel import journal

if TYPE_CHECKING:
    from septet.kernel.fastlane import LaneCounts

log: structlog.stdlib.BoundLogger = structlog.get_logger("septet")
tracer = trace.get_tracer("septet")

_LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUESTS = Counter("septet_requests_total", "HTTP requests answered", ["service", "method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "septet_request_seconds", "Time to answer a request", ["service", "route"], buckets=_LATENCY_BUCKETS
)
JOBS = Counter("septet_jobs_total", "Jobs run", ["handler", "outcome"])
JOB_SECONDS = Histogram("septet_job_seconds", "Time to run a job", ["handler"], buckets=_LATENCY_BUCKETS)
JOBS_WAITING = Gauge("septet_jobs_waiting", "Jobs in the queue", ["handler", "status"])
JOBS_OLDEST_SECONDS = Gauge("septet_jobs_oldest_seconds", "Age of the oldest due job")
LANE = Gauge("septet_fastlane_total", "The fast lane's requests, declines, hand-overs and bytes", ["what"])
POOL_CONNECTIONS = Gauge("septet_postgres_connections", "PostgreSQL connections of this process", ["state"])


def configure_logging(level: str, style: str) -> None:
    """`style`: `json`, `pretty`, or `auto` (pretty on a terminal)."""
    pretty = style == "pretty" or (style == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info if not pretty else structlog.dev.set_exc_info,
            journal.keep,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)


def configure_tracing(endpoint: str | None, role: str) -> None:
    """Export spans to an OTLP/HTTP collector; without an endpoint tracing costs nothing."""
    if endpoint is None:
        return
    # Here, since it is a good part of a start and few want it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "septet", "septet.role": role}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)


def show_lane(counts: "LaneCounts") -> None:
    """Let /metrics read the fast lane's counters whenever it is asked; counting them costs the lane nothing more."""
    for what in ("requests", "declines", "handovers", "bytes_in", "bytes_out"):
        LANE.labels(what).set_function(partial(getattr, counts, what))


def show_pool(connections: Callable[[], tuple[int, int]]) -> None:
    """Let /metrics read how many of PostgreSQL's connections work and how many are idle."""
    POOL_CONNECTIONS.labels("in use").set_function(lambda: connections()[0])
    POOL_CONNECTIONS.labels("idle").set_function(lambda: connections()[1])


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Put these values on every log line until the block ends."""
    with structlog.contextvars.bound_contextvars(**{k: v for k, v in values.items() if v is not None}):
        yield


def bind_tenant(tenant_id: object) -> None:
    """Put the tenant on the log lines of the current request, once it is known."""
    structlog.contextvars.bind_contextvars(tenant=str(tenant_id))


def request_id() -> str:
    """The current request's id; empty outside a request or job."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def propagation_headers() -> dict[str, str]:
    """What a job carries so that it can be traced back to its request."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    if current := request_id():
        headers["requestId"] = current
    return headers
