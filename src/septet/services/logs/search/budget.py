"""What one query may cost. A query that reaches its budget answers with what it has found, and says so."""

from dataclasses import dataclass
from typing import Any

import msgspec

from septet.kernel.runtime import Runtime
from septet.services.logs.settings import LogsSettings

_DECODER = msgspec.json.Decoder()
NARROW = "narrow the time range or the filters."
MEMORY_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of an answer; `partial` says which budget was used up, None when none was."""

    rows: list[dict[str, Any]]
    partial: str | None


async def ask(runtime: Runtime, sql: str, parameters: dict[str, Any]) -> Found:
    """Raises QueryOverBudget (422, memory), EngineUnavailable (503)."""
    settings = runtime.service_settings(LogsSettings)
    answer = await runtime.clickhouse.query_bytes(sql, "JSON", parameters, limits(settings))
    document = _DECODER.decode(answer)
    return Found(document["data"], _used_up(document["statistics"], settings))


def decode_rows(answer: bytes) -> list[dict[str, Any]]:
    """The rows of an answer in ClickHouse's format JSON."""
    rows: list[dict[str, Any]] = _DECODER.decode(answer)["data"]
    return rows


def limits(settings: LogsSettings) -> dict[str, Any]:
    """ClickHouse's settings for one query."""
    return {
        "max_execution_time": settings.query_seconds,
        "timeout_overflow_mode": "break",
        "max_rows_to_read": settings.query_rows,
        "read_overflow_mode": "break",
        "max_memory_usage": MEMORY_BYTES,
        "max_threads": 2,
        **OUTPUT,
    }


OUTPUT = {
    "date_time_output_format": "iso",
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_escape_forward_slashes": 0,
}


def _used_up(statistics: dict[str, Any], settings: LogsSettings) -> str | None:
    if statistics["elapsed"] >= settings.query_seconds:
        return out_of_time(settings)
    if statistics["rows_read"] >= settings.query_rows:
        return f"SEPTET_LOGS_QUERY_ROWS ({settings.query_rows}) is used up; {NARROW}"
    return None


def out_of_time(settings: LogsSettings) -> str:
    """The reason of an answer for which there was no more time."""
    return f"SEPTET_LOGS_QUERY_SECONDS ({settings.query_seconds:g}) is used up; {NARROW}"
