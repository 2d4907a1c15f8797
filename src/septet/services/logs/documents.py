"""What a line says, as a JSON document: ClickHouse expressions that write one for every form of line.

JSON lines are their own document; access-log (common, combined), syslog (RFC 5424 and 3164), logfmt and plain lines
have one written from what they say.
"""


def literal(text: str) -> str:
    """A string literal of ClickHouse."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def joined(first: str, second: str) -> str:
    """One JSON object with the members of two; where both have one, the first's is read. Nothing is parsed."""
    one, other = (f"trimBoth(substring(trimBoth({text}), 2, length(trimBoth({text})) - 2))" for text in (first, second))
    comma = f"if(empty({one}) OR empty({other}), '', ',')"
    return f"concat('{{', {one}, {comma}, {other}, '}}')"


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


def of_text(lines: str) -> str:
    """Write a document for every line by the form it shows."""
    return (
        f"SELECT *, multiIf(startsWith(text, '{{') AND isValidJSON(text), text, "
        f"match(text, {_ACCESS_LINE}), {_ACCESS_DOCUMENT}, match(text, {_SYSLOG_LINE}), {_SYSLOG_DOCUMENT}, "
        f"match(text, {_LOGFMT_LINE}), {_LOGFMT_DOCUMENT}, {_PLAIN_DOCUMENT}) AS document FROM ({lines})"
    )


def of_wrapped(lines: str) -> str:
    """Lines that came with something about them: `{"line": …, "fields": {…}, "service": …}`, one such object a line.

    `fields` stand above what the line says; `service` is the one of a line that names none.
    """
    unwrapped = (
        "SELECT * EXCEPT (text, default_service), JSONExtractString(text, 'line') AS line_text, "
        "JSONExtractRaw(text, 'fields') AS said_beside, "
        "if(JSONHas(text, 'service'), JSONExtractString(text, 'service'), default_service) AS default_service "
        f"FROM ({lines})"
    )
    documents = of_text(f"SELECT * EXCEPT (line_text), line_text AS text FROM ({unwrapped})")
    return (
        f"SELECT * EXCEPT (document, said_beside), {joined('said_beside', 'document')} AS document FROM ({documents})"
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
