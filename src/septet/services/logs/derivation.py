"""How a line becomes a row, as one ClickHouse SELECT: Python hands over whole request bodies and parses no line.

A line becomes a JSON *document* first: JSON lines are their own; access-log, syslog, logfmt and plain lines have one
written from what they say. From the document, one way for all, come timestamp, level, service, message, ids and the
attributes. What cannot be read stays: the raw line is always stored, and nothing here can fail on a line.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

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
        documents = _documents_of_text(lines)
    elif kind == "wrapped":
        documents = _documents_of_wrapped(lines)
    else:
        documents = f"SELECT *, text AS document FROM ({lines})"
    return f"{_ROWS} FROM ({_DERIVED} FROM ({_FIELDS} FROM ({documents})))"


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


def literal(text: str) -> str:
    """A string literal of ClickHouse."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


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


def _joined(first: str, second: str) -> str:
    """One JSON object with the members of two; where both have one, the first's is read. Nothing is parsed."""
    one, other = (f"trimBoth(substring(trimBoth({text}), 2, length(trimBoth({text})) - 2))" for text in (first, second))
    comma = f"if(empty({one}) OR empty({other}), '', ',')"
    return f"concat('{{', {one}, {comma}, {other}, '}}')"


_STATUS_LEVEL = (
    "multiIf(fields.status BETWEEN 100 AND 399, 'info', fields.status BETWEEN 400 AND 499, 'warn', "
    "fields.status BETWEEN 500 AND 599, 'error', 'info')"
)
_SAID_LEVEL = f"transform(lower({_first(_LEVEL)}), {list(_LEVEL_OF)}, {list(_LEVEL_OF.values())}, '')"
_NAME_IN_OBJECT = "if(startsWith({0}, '{{'), JSONExtractString({0}, 'name'), {0})"
_WITH_INNER_ATTRIBUTES = _joined("JSONExtractRaw(document, 'attributes')", "document")
_ATTRIBUTES = (
    "JSONExtract(if(position(document, '\"attributes\"') > 0 AND JSONType(document, 'attributes') = 'Object', "
    f"{_WITH_INNER_ATTRIBUTES}, document), {literal(ATTRIBUTES_TYPE)})"
)

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

_ROWS = """SELECT tenant_id,
  toDate(intDiv(received, 86400000)) + if(mapContains(days_per_service, service), days_per_service[service], days) + 1
    AS expires_on,
  coalesce(moment, fromUnixTimestamp64Milli(received, 'UTC')) AS timestamp, request, line,
  fromUnixTimestamp64Milli(received, 'UTC') AS received_at, if(moment IS NULL, 'arrival', 'line') AS timestamp_from,
  level, service, host, trace_id, span_id, message, if(message = text, '', text) AS raw, attributes,
  toUInt32(length(text)) AS bytes"""

_ACCESS_LINE = literal(r'^[^ "]+ [^ "]+ [^"]* ?\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\] "')
_SYSLOG_LINE = literal(r"^<[0-9]{1,3}>")
_LOGFMT_LINE = literal(r'^[A-Za-z_@][A-Za-z0-9_.@/-]*=("|[^ ]*( |$))')
_LEADING_TIME = literal(
    r"^\[?([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
    r"(?: ?Z| ?[+-][0-9]{2}:?[0-9]{2})?)"
)
_LEVEL_WORD = literal(
    r"(?i)^.{0,120}?\b(trace|debug|info|notice|warn|warning|error|err|severe|fatal|critical|alert|emerg|panic)\b"
)
_SYSLOG_5424 = literal(r"(?s)^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(.*)$")
_SYSLOG_3164 = literal(
    r"(?s)^<(\d{1,3})>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) ([^ :\[]+)(?:\[(\d+)\])?: ?(.*)$"
)
_SYSLOG_BARE = literal(r"(?s)^<(\d{1,3})>(.*)$")


def _documents_of_text(lines: str) -> str:
    """Write a document for every line by the form it shows."""
    return (
        f"SELECT *, multiIf(startsWith(text, '{{') AND isValidJSON(text), text, "
        f"match(text, {_ACCESS_LINE}), {_ACCESS_DOCUMENT}, match(text, {_SYSLOG_LINE}), {_SYSLOG_DOCUMENT}, "
        f"match(text, {_LOGFMT_LINE}), {_LOGFMT_DOCUMENT}, {_PLAIN_DOCUMENT}) AS document FROM ({lines})"
    )


def _documents_of_wrapped(lines: str) -> str:
    """Lines that came with something about them: `{"line": …, "fields": {…}, "service": …}`, one such object a line.

    `fields` stand above what the line says; `service` is the one of a line that names none.
    """
    unwrapped = (
        "SELECT * EXCEPT (text, default_service), JSONExtractString(text, 'line') AS line_text, "
        "JSONExtractRaw(text, 'fields') AS said_beside, "
        "if(JSONHas(text, 'service'), JSONExtractString(text, 'service'), default_service) AS default_service "
        f"FROM ({lines})"
    )
    documents = _documents_of_text(f"SELECT * EXCEPT (line_text), line_text AS text FROM ({unwrapped})")
    return (
        f"SELECT * EXCEPT (document, said_beside), {_joined('said_beside', 'document')} AS document FROM ({documents})"
    )


def _object(**members: str) -> str:
    """A JSON object whose members are SQL expressions of JSON text."""
    parts = ", ',', ".join(f"""'"{name}":', {value}""" for name, value in members.items())
    return f"concat('{{', {parts}, '}}')"


def _text(expression: str) -> str:
    return f"toJSONString({expression})"


_QUOTED = "splitByChar('\"', text)"
_HEAD, _REQUEST_LINE, _AFTER = (f"{_QUOTED}[{number}]" for number in (1, 2, 3))
_ACCESS_TIME = f"parseDateTimeOrNull(substring({_HEAD}, position({_HEAD}, '[') + 1, 26), '%d/%b/%Y:%H:%i:%s %z', 'UTC')"
_NAMED_USER = f"splitByChar(' ', {_HEAD})[3]"
_ACCESS_USER = f"""if({_NAMED_USER} = '-', '', concat(',"user":', toJSONString({_NAMED_USER})))"""
_ACCESS_DOCUMENT = _object(
    timestamp=_text(f"ifNull(toString(toUnixTimestamp({_ACCESS_TIME})), '')"),
    remoteAddress=_text(f"splitByChar(' ', {_HEAD})[1]"),
    method=_text(f"splitByChar(' ', {_REQUEST_LINE})[1]"),
    path=_text(f"splitByChar(' ', {_REQUEST_LINE})[2]"),
    status=f"toString(toUInt16OrZero(splitByChar(' ', {_AFTER})[2]))",
    bytes=f"toString(toUInt64OrZero(splitByChar(' ', {_AFTER})[3]))",
    referrer=_text(f"{_QUOTED}[4]"),
    userAgent=f"concat(toJSONString({_QUOTED}[6]), {_ACCESS_USER})",
)
_LOGFMT_DOCUMENT = "toJSONString(extractKeyValuePairsWithEscaping(text, '=', ' ', '\"'))"
_PLAIN_DOCUMENT = _object(
    timestamp=_text(f"replaceOne(extract(text, {_LEADING_TIME}), ',', '.')"),
    level=_text(f"extract(text, {_LEVEL_WORD})"),
)
_GROUPS_5424, _GROUPS_3164 = (f"extractGroups(text, {pattern})" for pattern in (_SYSLOG_5424, _SYSLOG_3164))
_GROUPS_BARE = f"extractGroups(text, {_SYSLOG_BARE})"


def _severity(groups: str) -> str:
    return _text(f"toString(toUInt16OrZero({groups}[1]) % 8)")


def _unless_nil(expression: str) -> str:
    return _text(f"if({expression} = '-', '', {expression})")


_SYSLOG_DOCUMENT = (
    f"multiIf(notEmpty({_GROUPS_5424}), "
    + _object(
        timestamp=_unless_nil(f"{_GROUPS_5424}[2]"),
        severity=_severity(_GROUPS_5424),
        facility=f"toString(intDiv(toUInt16OrZero({_GROUPS_5424}[1]), 8))",
        host=_unless_nil(f"{_GROUPS_5424}[3]"),
        service=_unless_nil(f"{_GROUPS_5424}[4]"),
        processId=_unless_nil(f"{_GROUPS_5424}[5]"),
        messageId=_unless_nil(f"{_GROUPS_5424}[6]"),
        structuredData=_unless_nil(f"{_GROUPS_5424}[7]"),
        message=_text(f"{_GROUPS_5424}[8]"),
    )
    + f", notEmpty({_GROUPS_3164}), "
    + _object(
        timestamp=_text(f"{_GROUPS_3164}[2]"),
        severity=_severity(_GROUPS_3164),
        facility=f"toString(intDiv(toUInt16OrZero({_GROUPS_3164}[1]), 8))",
        host=_text(f"{_GROUPS_3164}[3]"),
        service=_text(f"{_GROUPS_3164}[4]"),
        processId=_text(f"{_GROUPS_3164}[5]"),
        message=_text(f"{_GROUPS_3164}[6]"),
    )
    + ", "
    + _object(severity=_severity(_GROUPS_BARE), message=_text(f"{_GROUPS_BARE}[2]"))
    + ")"
)
