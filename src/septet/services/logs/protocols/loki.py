"""Loki's push: snappy-compressed protobuf and JSON, with labels and structured metadata, into lines."""

import re
from typing import Any

import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from septet.kernel.errors import MalformedBody
from septet.services.logs.intake import Wrapped

SERVICE_LABELS = ("service_name", "service", "app", "application", "job", "container", "component")
LEVEL_LABELS = ("level", "detected_level", "severity", "lvl")
HOST_LABELS = ("host", "hostname", "instance", "node")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')


class _Push(msgspec.Struct):
    class Stream(msgspec.Struct):
        stream: dict[str, Any]
        values: list[list[Any]]

    streams: list[Stream]


def read_json(body: bytes) -> list[Wrapped]:
    """Raises MalformedBody (400)."""
    try:
        push = msgspec.json.decode(body, type=_Push)
        return [
            _line({k: str(v) for k, v in stream.stream.items()}, str(value[0]), str(value[1]), _metadata(value))
            for stream in push.streams
            for value in stream.values
        ]
    except (msgspec.DecodeError, IndexError, RecursionError) as error:
        raise MalformedBody(f"The body is no push request: {error}.") from error


def _metadata(value: list[Any]) -> dict[str, Any]:
    return value[2] if len(value) > 2 and isinstance(value[2], dict) else {}


def read_protobuf(body: bytes) -> list[Wrapped]:
    """Raises MalformedBody (400)."""
    push: Any = _PUSH_REQUEST()
    try:
        push.ParseFromString(body)
    except DecodeError as error:
        raise MalformedBody(f"The body is no push request: {error}.") from error
    lines = []
    for stream in push.streams:
        labels = parse_labels(stream.labels)
        for entry in stream.entries:
            moment = entry.timestamp.seconds * 1_000_000_000 + entry.timestamp.nanos
            lines.append(_line(labels, str(moment), entry.line, {pair.name: pair.value for pair in entry.metadata}))
    return lines


def parse_labels(text: str) -> dict[str, str]:
    """`{app="web", level="info"}` as a dictionary. Raises MalformedBody (400)."""
    inner = text.strip().removeprefix("{").removesuffix("}").strip()
    labels, position = {}, 0
    while position < len(inner):
        found = _LABEL.match(inner, position)
        if found is None:
            raise MalformedBody(f'The labels {text[:200]!r} cannot be read; they look like {{app="web"}}.')
        labels[found[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], found[2])
        position = found.end()
    return labels


def _line(labels: dict[str, str], moment: str, line: str, metadata: dict[str, Any]) -> Wrapped:
    """Labels that name a field become it; all others, and the metadata, are attributes."""
    others: dict[str, Any] = {**labels, **metadata}
    fields: dict[str, Any] = {"timestamp": moment}
    for field, names in (("level", LEVEL_LABELS), ("service", SERVICE_LABELS), ("host", HOST_LABELS)):
        name = next((name for name in names if others.get(name)), None)
        if name is not None:
            fields[field] = others.pop(name)
    for field, name in (("traceId", "trace_id"), ("spanId", "span_id")):
        if name in others:
            fields[field] = others.pop(name)
    if others:
        fields["attributes"] = others
    return Wrapped(line, fields)


def _push_request_type() -> type[Message]:
    """Loki's logproto.PushRequest, described here because no package on PyPI carries it."""
    file = descriptor_pb2.FileDescriptorProto(name="septet/loki_push.proto", package="septet.loki", syntax="proto3")
    _describe(file, "Timestamp", [("seconds", 1, 3, None), ("nanos", 2, 5, None)])
    _describe(file, "Label", [("name", 1, 9, None), ("value", 2, 9, None)])
    _describe(file, "Entry", [("timestamp", 1, 11, "Timestamp"), ("line", 2, 9, None), ("metadata", 3, 11, "Label*")])
    _describe(file, "Stream", [("labels", 1, 9, None), ("entries", 2, 11, "Entry*")])
    _describe(file, "PushRequest", [("streams", 1, 11, "Stream*")])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    made: type[Message] = message_factory.GetMessageClass(pool.FindMessageTypeByName("septet.loki.PushRequest"))
    return made


def _describe(file: Any, name: str, fields: list[tuple[str, int, int, str | None]]) -> None:
    """`fields`: name, number, protobuf's number of the type, and the message type (`*` where it repeats)."""
    message = file.message_type.add(name=name)
    for field, number, kind, of in fields:
        described = message.field.add(name=field, number=number, type=kind, label=3 if of and of[-1] == "*" else 1)
        if of:
            described.type_name = f".septet.loki.{of.removesuffix('*')}"


_PUSH_REQUEST = _push_request_type()
