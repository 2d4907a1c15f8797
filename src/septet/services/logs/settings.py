"""Settings of the logs service (`SEPTET_LOGS_…`)."""

from pydantic import Field, SecretStr

from septet.kernel.config import ServiceSettings

MEBIBYTE = 1024 * 1024


class LogsSettings(ServiceSettings, service="logs"):
    max_body_bytes: int = Field(
        16 * MEBIBYTE, ge=1024, le=128 * MEBIBYTE, description="Largest body of an ingest request as sent, in bytes."
    )
    max_inflated_bytes: int = Field(
        64 * MEBIBYTE, ge=1024, le=512 * MEBIBYTE, description="Largest body of an ingest request decompressed, bytes."
    )
    max_line_bytes: int = Field(
        2 * MEBIBYTE, ge=256, le=16 * MEBIBYTE, description="Longest log line, in bytes; a longer one is rejected."
    )
    queue_bytes: int = Field(
        512 * MEBIBYTE, ge=1024, description="Bytes (decompressed) that may wait for storage in all; more is a 429."
    )
    queue_bytes_per_tenant: int = Field(
        256 * MEBIBYTE, ge=1024, description="Bytes (decompressed) of one organization that may wait for storage."
    )
    batch_bytes: int = Field(
        16 * MEBIBYTE, ge=1024, description="Bytes after which a processor closes a batch for ClickHouse."
    )
    batch_requests: int = Field(500, ge=1, le=10_000, description="Requests after which a processor closes a batch.")
    processors: int = Field(2, ge=0, le=16, description="Batches that one worker process inserts at once; 0: none.")
    lease_seconds: float = Field(
        30.0, ge=1, le=3600, description="Seconds after which a batch of a processor that died is taken over."
    )
    query_seconds: float = Field(
        5.0, ge=0.1, le=300, description="Time budget of one query, in seconds; a longer one answers `partial`."
    )
    query_rows: int = Field(
        200_000_000, ge=1000, description="Rows that one query may read before it answers `partial`."
    )
    retention_days: int = Field(30, ge=1, le=3650, description="Days that lines are kept where nothing else is set.")
    tail_buffer_lines: int = Field(
        1000, ge=10, le=100_000, description="Lines a live tail sends at once; of more, the oldest are skipped."
    )
    syslog_port: int = Field(0, ge=0, le=65535, description="TCP and UDP port of the syslog listener; 0: off.")
    syslog_api_key: SecretStr = Field(
        SecretStr(""), description="API key whose organization receives what the syslog listener hears."
    )
