"""How a line becomes a row, as one ClickHouse SELECT: Python hands over whole request bodies and parses no line.

A line becomes a JSON *document* first (`documents.py`). From the document, one way for all, come timestamp, level,
service, message, ids and the attributes. What cannot be read stays: the raw line is always stored, and nothing here can
fail on a line.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from septet.services.logs import documents
from septet.services.logs.documents import joined, literal

# What `input()` gives: one row a request. `days_per_service` overrides `days` of retention.
REQUEST_STRUCTURE = (
    "tenant_id UUID, request UUID, received Int64, default_service String, days UInt16, "
    "days_per_service Map(String, UInt16), body String"
)
COLUMNS = (
    "tenant_id, expires_on, timestamp, request, line, received_at, timestamp_from, level, service, host, trace_id, "
    "span_id, message, raw, attributes, bytes"
)
# One block, so that a repeated insert is the same insert; strings that look like dates stay strings.
SETTINGS: Mapping[str, object] = {
    "max_partitions_per_insert_block": 0,
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
    "type_json_skip_duplicated_paths": 1,
    "input_format_json_max_depth": 10000,
    "max_insert_block_size": 1_000_000_000,
    "max_insert_threads": 1,
    # Merging the steps below into one takes the planner longer (a third of a small insert) than it saves 50,000 lines.
    "query_plan_merge_expressions": 0,
}

_LEVELS = {
    "trace": "trace trc verbose finest finer 10",
    "debug": "debug dbg fine 20 7",
    "info": "info inf information informational notice 30 6 5",
    "warn": "warn warning wrn 40 4",
    "error": "error err severe 50 3",
    "fatal": "fatal critical crit alert emerg emergency panic 60 2 1 0",
}
_LEVEL_OF = {word: level for level, words in _LEVELS.items() for word in words.split()}
# Where a document says each field; the first that is there counts.
_TIME = ("timestamp", "@timestamp", "time", "ts")
_LEVEL = ("level", "severity", "log.level", "severityText")
_MESSAGE = ("message", "msg")
_SERVICE = ("service", "service.name")
_HOST = ("host", "hostname", "host.name")
_TRACE = ("traceId", "trace_id", "trace.id")
_SPAN = ("spanId", "span_id", "span.id")
_NAMED = (*_TIME, *_LEVEL, *_MESSAGE, *_SERVICE, *_HOST, *_TRACE, *_SPAN)
# The column's own type: a cast between two JSON types would write and read every document once more.
ATTRIBUTES_TYPE = (
    "JSON(max_dynamic_paths = 128, max_dynamic_types = 8, "
    f"{', '.join(f'SKIP `{name}`' for name in sorted((*_NAMED, 'attributes')))})"
)
_FIELDS_TYPE = f"Tuple({', '.join(f'`{name}` Nullable(String)' for name in _NAMED)}, `status` Nullable(UInt16))"


def insert(kind: str, masks: Sequence[tuple[str, str]]) -> str:
    """The INSERT for requests of one kind, whose lines are masked by these (pattern, replacement) first."""
    rows = select(kind, masks, f"input('{REQUEST_STRUCTURE}')")
    return f"INSERT INTO logs ({COLUMNS}) {rows}"


def select(kind: str, masks: Sequence[tuple[str, str]], requests: str) -> str:
    """The rows that lines become. `requests`: a table expression of REQUEST_STRUCTURE."""
    lines = _lines(masks, requests)
    if kind == "text":
        written = documents.of_text(lines)
    elif kind == "wrapped":
        written = documents.of_wrapped(lines)
    else:
        written = f"SELECT *, text AS document FROM ({lines})"
    return f"{_ROWS} FROM ({_DERIVED} FROM ({_FIELDS} FROM ({written})))"


def missing_only(statement: str, request: UUID) -> str:
    """The same INSERT, but for those lines of this one request that are stored already."""
    return f"{statement} WHERE line NOT IN (SELECT line FROM logs WHERE request = '{request}')"


def _lines(masks: Sequence[tuple[str, str]], requests: str) -> str:
    masked = "raw_text"
    for pattern, replacement in masks:
        masked = f"replaceRegexpAll({masked}, {literal(pattern)}, {literal(replacement)})"
    split = f"SELECT * EXCEPT (body), splitByChar('\\n', body) AS texts FROM {requests}"
    return (
        f"SELECT * EXCEPT (texts, raw_text), {masked} AS text, toUInt32(number - 1) AS line FROM ({split}) "
        "ARRAY JOIN texts AS raw_text, arrayEnumerate(texts) AS number"
    )


def _first(names: tuple[str, ...]) -> str:
    return f"coalesce({', '.join(f'fields.`{name}`' for name in names)}, '')"


def _epoch(text: str) -> str:
    """Nanoseconds since 1970 of a number whose unit (s, ms, µs, ns) shows in its magnitude."""
    whole = f"toInt64OrZero({text})"
    return (
        f"multiIf(position({text}, '.') > 0, toInt64OrNull(toString(toInt128OrNull(toString("
        f"truncate(assumeNotNull(toDecimal128OrNull({text}, 9)) * 1000000000))))), "
        f"abs({whole}) < 100000000000, {whole} * 1000000000, abs({whole}) < 100000000000000, {whole} * 1000000, "
        f"abs({whole}) < 100000000000000000, {whole} * 1000, toInt64OrNull({text}))"
    )


def _moment(text: str) -> str:
    """When that was, NULL when it is no time between 1678 and 2261."""
    iso = f"parseDateTime64BestEffortOrNull({text}, 9, 'UTC')"
    epoch = f"fromUnixTimestamp64Nano(assumeNotNull({_epoch(text)}), 'UTC')"
    return (
        f"multiIf({text} = '', NULL, match({text}, '^-?[0-9]{{1,19}}([.][0-9]{{1,9}})?$'), {epoch}, "
        f"match({text}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|^[A-Z][a-z]{{2}},? '), {iso}, NULL)"
    )


_STATUS_LEVEL = (
    "multiIf(fields.status BETWEEN 100 AND 399, 'info', fields.status BETWEEN 400 AND 499, 'warn', "
    "fields.status BETWEEN 500 AND 599, 'error', 'info')"
)
_SAID_LEVEL = f"transform(lower({_first(_LEVEL)}), {list(_LEVEL_OF)}, {list(_LEVEL_OF.values())}, '')"
_NAME_IN_OBJECT = "if(startsWith({0}, '{{'), JSONExtractString({0}, 'name'), {0})"
_WITH_INNER_ATTRIBUTES = joined("JSONExtractRaw(document, 'attributes')", "document")
_ATTRIBUTES = (
    "JSONExtract(if(position(document, '\"attributes\"') > 0 AND JSONType(document, 'attributes') = 'Object', "
    f"{_WITH_INNER_ATTRIBUTES}, document), {literal(ATTRIBUTES_TYPE)})"
)

# A raw line is stored without what `message` says already: NUL stands in its place. Lines with a NUL of their own are
# stored whole, after two. A third of what random JSON lines take on disk is saved by it.
_STORED_RAW = (
    r"multiIf(message = text, '', position(text, '\0') > 0, concat('\0\0', text), "
    r"message != '' AND position(text, message) > 0, replaceOne(text, message, '\0'), text)"
)
RAW_LINE = r"multiIf(raw = '', message, startsWith(raw, '\0\0'), substring(raw, 3), replaceOne(raw, '\0', message))"
"""The line as it came, from a row."""

_FIELDS = f"SELECT *, JSONExtract(document, {literal(_FIELDS_TYPE)}) AS fields"

_DERIVED = f"""SELECT tenant_id, request, line, received, days, days_per_service, text,
  {_first(_TIME)} AS said_time, {_moment("said_time")} AS moment,
  {_SAID_LEVEL} AS said_level, if(said_level = '', {_STATUS_LEVEL}, said_level) AS level,
  {_first(_SERVICE)} AS said_service,
  if(said_service = '', default_service, {_NAME_IN_OBJECT.format("said_service")}) AS service,
  {_first(_HOST)} AS said_host, {_NAME_IN_OBJECT.format("said_host")} AS host,
  {_first(_TRACE)} AS trace_id, {_first(_SPAN)} AS span_id,
  coalesce({", ".join(f"fields.`{name}`" for name in _MESSAGE)}, text) AS message,
  {_ATTRIBUTES} AS attributes"""

_ROWS = f"""SELECT tenant_id,
  toDate(intDiv(received, 86400000)) + if(mapContains(days_per_service, service), days_per_service[service], days) + 1
    AS expires_on,
  coalesce(moment, fromUnixTimestamp64Milli(received, 'UTC')) AS timestamp, request, line,
  fromUnixTimestamp64Milli(received, 'UTC') AS received_at, if(moment IS NULL, 'arrival', 'line') AS timestamp_from,
  level, service, host, trace_id, span_id, message, {_STORED_RAW} AS raw, attributes,
  toUInt32(length(text)) AS bytes"""
