"""Why the gateway closes a connection. The reason is JSON: `{"code", "resume", "retryAfterMs"?}`."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closing:
    """`status` is the WebSocket close code; `resume`: whether to connect again with what one has."""

    status: int
    code: str
    resume: bool

    def reason(self, retry_after_ms: int | None = None) -> bytes:
        """At most 123 bytes (RFC 6455, section 5.5)."""
        told: dict[str, object] = {"code": self.code, "resume": self.resume}
        if retry_after_ms is not None:
            told["retryAfterMs"] = retry_after_ms
        return json.dumps(told).encode()


PROTOCOL_ERROR = Closing(1002, "protocol_error", resume=False)
BINARY = Closing(1003, "text_only", resume=False)
INVALID_UTF8 = Closing(1007, "invalid_utf8", resume=False)
TOO_BIG = Closing(1009, "too_big", resume=False)
DEFECT = Closing(1011, "internal_error", resume=True)
RESTART = Closing(1012, "restart", resume=True)
UNAVAILABLE = Closing(1013, "engine_unavailable", resume=True)
NO_HELLO = Closing(4400, "hello_expected", resume=False)
UNAUTHENTICATED = Closing(4401, "unauthenticated", resume=False)
FORBIDDEN = Closing(4403, "forbidden", resume=False)
SILENT = Closing(4408, "heartbeat_missed", resume=True)
EXPIRED = Closing(4409, "token_expired", resume=True)
SLOW = Closing(4413, "slow_consumer", resume=True)
FLOODING = Closing(4429, "flooding", resume=False)

ALL = (
    PROTOCOL_ERROR,
    BINARY,
    INVALID_UTF8,
    TOO_BIG,
    DEFECT,
    RESTART,
    UNAVAILABLE,
    NO_HELLO,
    UNAUTHENTICATED,
    FORBIDDEN,
    SILENT,
    EXPIRED,
    SLOW,
    FLOODING,
)
