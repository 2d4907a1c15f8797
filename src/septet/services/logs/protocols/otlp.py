"""OTLP logs (opentelemetry-proto 1.x): protobuf and JSON requests into lines, and the answers back."""

import base64
from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from septet.kernel.errors import MalformedBody
from septet.services.logs.intake import Wrapped

_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
PROTOBUF, JSON = "application/x-protobuf", "application/json"


def read(body: bytes, media_type: str) -> list[Wrapped]:
    """The records of an export request. Raises MalformedBody (400), which OTLP's clients do not repeat."""
    request = ExportLogsServiceRequest()
    try:
        if media_type == JSON:
            json_format.ParseDict(_with_binary_ids(msgspec.json.decode(body)), request, ignore_unknown_fields=True)
        else:
            request.ParseFromString(body)
    except (DecodeError, json_format.ParseError, msgspec.DecodeError, ValueError, AttributeError, TypeError) as error:
        raise MalformedBody(f"The body is no ExportLogsServiceRequest: {error}.") from error
    lines = []
    for resource_logs in request.resource_logs:
        resource = _attributes(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            scope = scope_logs.scope.name
            lines += [_line(record, resource, scope) for record in scope_logs.log_records]
    return lines


def answer(rejected: int, reason: str, media_type: str) -> bytes:
    """The response of a request that was taken, in full or but for `rejected` records."""
    response = ExportLogsServiceResponse()
    if rejected:
        response.partial_success.rejected_log_records = rejected
        response.partial_success.error_message = reason
    if media_type == JSON:
        return str(json_format.MessageToJson(response, indent=None)).encode()
    return bytes(response.SerializeToString())


def _line(record: LogRecord, resource: dict[str, Any], scope: str) -> Wrapped:
    body = _value(record.body)
    text = body if isinstance(body, str) else "" if body is None else msgspec.json.encode(body).decode()
    attributes = _attributes(record.attributes)
    others = {key: value for key, value in resource.items() if key not in ("service.name", "host.name")}
    if others:
        attributes["resource"] = others
    if scope:
        attributes["scope"] = scope
    fields: dict[str, Any] = {"message": text, "attributes": attributes}
    moment = record.time_unix_nano or record.observed_time_unix_nano
    fields |= {"timestamp": str(moment)} if moment else {}
    fields |= {"level": _level(record)} if _level(record) else {}
    fields |= {"service": resource["service.name"]} if resource.get("service.name") else {}
    fields |= {"host": resource["host.name"]} if resource.get("host.name") else {}
    fields |= {"traceId": record.trace_id.hex()} if record.trace_id else {}
    fields |= {"spanId": record.span_id.hex()} if record.span_id else {}
    return Wrapped(text, fields)


def _level(record: LogRecord) -> str:
    """OpenTelemetry numbers severities 1–24, four to a level."""
    if 1 <= record.severity_number <= 24:
        return _LEVELS[(record.severity_number - 1) // 4]
    return record.severity_text


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs if isinstance(pair, KeyValue)}


def _value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case kind:
            return getattr(value, kind)


def _with_binary_ids(document: Any) -> Any:
    """OTLP's JSON writes ids in hexadecimal, where protobuf's JSON mapping wants base64."""
    for resource_logs in document.get("resourceLogs", []):
        for scope_logs in resource_logs.get("scopeLogs", []):
            for record in scope_logs.get("logRecords", []):
                for name in ("traceId", "spanId"):
                    if record.get(name):
                        record[name] = base64.b64encode(bytes.fromhex(record[name])).decode()
    return document
