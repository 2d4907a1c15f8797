"""The messages of Envoy's rate limit service (rls.proto, API version 3), as far as Septet reads and writes them.

Unknown fields are ignored, as protobuf prescribes. The descriptors live in a pool of their own, so that an application
that also carries Envoy's generated modules has no conflict.
"""

from typing import Any

from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import descriptor_pool as _descriptor_pool
from google.protobuf import duration_pb2, message_factory, wrappers_pb2

# protobuf has no types for what it makes at run time.
descriptor_pb2: Any = _descriptor_pb2
descriptor_pool: Any = _descriptor_pool

SERVICE = "envoy.service.ratelimit.v3.RateLimitService"
OK, OVER_LIMIT = 1, 2
UNITS = {"SECOND": 1, "MINUTE": 2, "HOUR": 3, "DAY": 4, "MONTH": 5, "YEAR": 6, "WEEK": 7}

_Field = descriptor_pb2.FieldDescriptorProto
_KINDS = {"string": _Field.TYPE_STRING, "uint32": _Field.TYPE_UINT32, "bytes": _Field.TYPE_BYTES}
_DESCRIPTOR = "envoy.extensions.common.ratelimit.v3.RateLimitDescriptor"
_HEADER = "envoy.config.core.v3.HeaderValue"
_RESPONSE = "envoy.service.ratelimit.v3.RateLimitResponse"
_DURATION, _UINT64 = "google.protobuf.Duration", "google.protobuf.UInt64Value"
_MESSAGES = {
    f"{_DESCRIPTOR}Entry": ["string key 1", "string value 2"],
    _DESCRIPTOR: [f"repeated {_DESCRIPTOR}Entry entries 1", f"{_UINT64} hits_addend 3"],
    _HEADER: ["string key 1", "string value 2"],
    "envoy.service.ratelimit.v3.RateLimitRequest": [
        "string domain 1",
        f"repeated {_DESCRIPTOR} descriptors 2",
        "uint32 hits_addend 3",
    ],
    f"{_RESPONSE}Limit": ["uint32 requests_per_unit 1", "uint32 unit 2", "string name 3"],
    f"{_RESPONSE}Status": [
        "uint32 code 1",
        f"{_RESPONSE}Limit current_limit 2",
        "uint32 limit_remaining 3",
        f"{_DURATION} duration_until_reset 4",
    ],
    _RESPONSE: [
        "uint32 overall_code 1",
        f"repeated {_RESPONSE}Status statuses 2",
        f"repeated {_HEADER} response_headers_to_add 3",
    ],
}
"""Enumerations are written as uint32: on the wire both are the same."""


def _build() -> Any:
    pool = descriptor_pool.DescriptorPool()
    for module in (duration_pb2, wrappers_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    imports: list[str] = [duration_pb2.DESCRIPTOR.name, wrappers_pb2.DESCRIPTOR.name]
    for name, fields in _MESSAGES.items():
        package, _, short = name.rpartition(".")
        file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package=package, syntax="proto3")
        file.dependency.extend(imports)
        message = file.message_type.add(name=short)
        for text in fields:
            _add_field(message, text)
        pool.Add(file)
        imports.append(file.name)
    return pool


def _add_field(message: Any, text: str) -> None:
    *repeated, kind, name, number = text.split(" ")
    label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    field = message.field.add(name=name, number=int(number), label=label)
    if kind in _KINDS:
        field.type = _KINDS[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{kind}"


_POOL = _build()


def _message(name: str) -> Any:
    factory: Any = message_factory
    return factory.GetMessageClass(_POOL.FindMessageTypeByName(name))


RateLimitRequest: Any = _message("envoy.service.ratelimit.v3.RateLimitRequest")
RateLimitResponse: Any = _message(_RESPONSE)
