"""What `POST /logs` does, said once for the endpoint and for the fast lane."""

import json
from collections.abc import Callable
from uuid import UUID

from septet.kernel.errors import InvalidInput, MalformedBody, UnsupportedMediaType
from septet.kernel.runtime import Runtime
from septet.services.logs.codecs import aside, inflate
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import Intake, read_json, read_ndjson, read_text
from septet.services.logs.settings import LogsSettings

LISTED_REJECTIONS = 1000
LONGEST_KEY = 255
_NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines")


async def post(
    runtime: Runtime, tenant: UUID, body: bytes, content_type: str, service: str, key: str | None
) -> tuple[bytes, bool]:
    """Queue the lines of a decompressed body; the answer, and whether it was given to this idempotency key before.

    Raises what `read_body` and `Ingest.accept` raise.
    """
    intake = await read_body(body, content_type, runtime.service_settings(LogsSettings))
    answer = json.dumps(counts(intake), ensure_ascii=False).encode()
    known = await Ingest.of(runtime).accept(
        tenant, intake, service, protocol="septet", answer=answer, idempotency_key=key, sent=body
    )
    return known or answer, known is not None


async def decompressed(body: bytes, encoding: str, settings: LogsSettings) -> bytes:
    """Raises UnreadableEncoding (400), IngestBodyTooLarge (413)."""
    return await aside(len(body), lambda: inflate(body, encoding, settings.max_inflated_bytes))


async def read_body(body: bytes, content_type: str, settings: LogsSettings) -> Intake:
    """Raises MalformedBody (400), UnsupportedMediaType (415)."""
    media_type = content_type.partition(";")[0].strip().lower()
    if not body.strip():
        raise MalformedBody("The body is empty; send at least one line.")
    read = _reader(media_type, body)
    return await aside(len(body), lambda: read(body, settings.max_line_bytes))


def _reader(media_type: str, body: bytes) -> Callable[[bytes, int], Intake]:
    if media_type in _NDJSON:
        return read_ndjson
    if media_type == "application/json" or media_type.endswith("+json"):
        return read_json
    if media_type.startswith("text/"):
        return read_text
    if media_type in ("", "application/octet-stream", "application/x-www-form-urlencoded"):
        return read_json if body.lstrip()[:1] in (b"{", b"[") else read_text
    raise UnsupportedMediaType("Send `application/json`, `application/x-ndjson` or `text/plain`.")


def idempotency_key(header: str | None) -> str | None:
    """Raises InvalidInput (422)."""
    if header is not None and (not header or len(header) > LONGEST_KEY or not header.isprintable()):
        raise InvalidInput(f"`Idempotency-Key` must have 1 to {LONGEST_KEY} printable characters.")
    return header


def counts(intake: Intake) -> dict[str, object]:
    """What became of the lines, as `POST /logs` answers it."""
    errors = [{"index": r.index, "reason": r.reason} for r in intake.rejections[:LISTED_REJECTIONS]]
    return {"accepted": intake.accepted, "rejected": len(intake.rejections), "errors": errors}
