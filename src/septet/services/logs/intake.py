"""What a body holds: which lines are taken, which are rejected and why. Lines are found and checked, never interpreted.

Every line is valid UTF-8, at most SEPTET_LOGS_MAX_LINE_BYTES long and, where JSON is announced, one JSON object;
`accepted + rejected` is always the number of lines sent.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from septet.kernel.errors import MalformedBody

Kind = Literal["json", "text", "wrapped"]
_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_RAW = msgspec.json.Decoder(msgspec.Raw)
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that is not taken: its index in the request, from 0, and why."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class Intake:
    """`body`: the accepted lines, each ended by a newline except the last. `json`: each is a JSON object."""

    kind: Kind
    body: bytes
    accepted: int
    rejections: list[Rejection] = field(default_factory=list)


def read_json(body: bytes, max_line: int) -> Intake:
    """A JSON object, a JSON array of objects, or NDJSON that was announced as JSON. Raises MalformedBody (400)."""
    try:
        if body.lstrip(_BLANKS).startswith(b"["):
            items = [bytes(item) for item in _RAW_LIST.decode(body)]
        else:
            items = [bytes(_RAW.decode(body))]
    except (msgspec.DecodeError, RecursionError) as error:
        intake = read_ndjson(body, max_line)
        if intake.accepted == 0:
            raise MalformedBody(f"The body is not valid JSON: {error}.") from error
        return intake
    return _json_lines([_one_line(item) for item in items], max_line, known_valid=True)


def read_ndjson(body: bytes, max_line: int) -> Intake:
    """One JSON object a line; the last newline may be missing."""
    lines = _lines(body)
    if _all_plainly_good(body, lines, max_line):
        return Intake("json", body.removesuffix(b"\n"), len(lines))
    return _json_lines(lines, max_line, known_valid=False)


def read_text(body: bytes, max_line: int) -> Intake:
    """One line of any form a line; an empty one is a line too."""
    lines = _lines(body.replace(b"\r\n", b"\n"))
    return _sifted("text", lines, [_fault_of_text(line, max_line) for line in lines])


class Wrapped(msgspec.Struct, omit_defaults=True):
    """A line that came with something about it: fields that stand above what it says, the service if it names none."""

    line: str
    fields: dict[str, Any] = {}
    service: str | None = None


def read_wrapped(lines: list[Wrapped], max_line: int) -> Intake:
    """The lines that a protocol's reader found."""
    encoder = msgspec.json.Encoder()
    encoded = [encoder.encode(line) for line in lines]
    return _sifted("wrapped", encoded, [_fault_of_text(line, max_line) for line in encoded])


def _lines(body: bytes) -> list[bytes]:
    lines = body.split(b"\n")
    if lines[-1] in (b"", b"\r"):
        lines.pop()
    return lines


def _one_line(item: bytes) -> bytes:
    """A line break in JSON can only stand between tokens, where a blank does as well."""
    return item.replace(b"\n", b" ").replace(b"\r", b" ").strip()


def _all_plainly_good(body: bytes, lines: list[bytes], max_line: int) -> bool:
    if not lines or max(map(len, lines)) > max_line or not _is_utf8(body):
        return False
    try:
        found = _RAW_LIST.decode_lines(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return len(found) == len(lines) and all(line.startswith(b"{") for line in lines)


def _json_lines(lines: list[bytes], max_line: int, *, known_valid: bool) -> Intake:
    return _sifted("json", lines, [_fault_of_json(line, max_line, known_valid) for line in lines])


def _sifted(kind: Kind, lines: list[bytes], faults: list[str | None]) -> Intake:
    rejections = [Rejection(index, fault) for index, fault in enumerate(faults) if fault is not None]
    taken = [line for line, fault in zip(lines, faults, strict=True) if fault is None]
    return Intake(kind, b"\n".join(taken), len(taken), rejections)


def _fault_of_json(line: bytes, max_line: int, known_valid: bool) -> str | None:
    if fault := _fault_of_text(line, max_line):
        return fault
    if not line.strip(_BLANKS):
        return "the line is empty; a JSON object is expected"
    if not line.lstrip(_BLANKS).startswith(b"{"):
        return "a JSON object is expected"
    if not known_valid:
        try:
            _RAW.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            return f"the line is not valid JSON: {error}"
    return None


def _fault_of_text(line: bytes, max_line: int) -> str | None:
    if len(line) > max_line:
        return f"the line has {len(line)} bytes; SEPTET_LOGS_MAX_LINE_BYTES allows {max_line}"
    if not line.isascii():
        try:
            line.decode()
        except UnicodeDecodeError as error:
            return f"the line is not valid UTF-8 (byte {error.start})"
    return None


def _is_utf8(data: bytes) -> bool:
    return _fault_of_text(data, len(data)) is None
