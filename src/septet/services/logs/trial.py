"""A dry run: what ClickHouse would derive from lines, without storing any."""

import base64
from uuid import UUID

from septet.kernel.errors import BodyTooLarge
from septet.kernel.runtime import Runtime
from septet.services.logs import derivation
from septet.services.logs.ingest import new_request_id
from septet.services.logs.intake import Intake
from septet.services.logs.policy import Policy
from septet.services.logs.schemas import LineOut
from septet.services.logs.search.budget import OUTPUT, decode_rows
from septet.services.logs.search.lines import COLUMNS, line_of

LARGEST_TRIAL = 1_000_000


async def derive(runtime: Runtime, tenant: UUID, intake: Intake, service: str, policy: Policy) -> list[LineOut]:
    """Raises BodyTooLarge (413) beyond a megabyte."""
    if len(intake.body) > LARGEST_TRIAL:
        raise BodyTooLarge(f"A dry run takes at most {LARGEST_TRIAL} bytes of lines; send fewer.")
    if not intake.accepted:
        return []
    encoded = base64.b64encode(intake.body).decode()
    # The day of expiry is of no interest here, so neither is the policy's retention.
    request = (
        f"(SELECT {{tenant:UUID}} AS tenant_id, {{request:UUID}} AS request, {{now:Int64}} AS received, "
        "{service:String} AS default_service, toUInt16(1) AS days, "
        "CAST(map(), 'Map(String, UInt16)') AS days_per_service, "
        f"base64Decode('{encoded}') AS body)"
    )
    rows = derivation.select(intake.kind, policy.masks, request)
    answer = await runtime.clickhouse.query_bytes(
        f"SELECT {COLUMNS} FROM ({rows}) ORDER BY line",
        "JSON",
        {
            "tenant": tenant,
            "request": new_request_id(runtime.clock),
            "now": runtime.clock.unix_ms(),
            "service": service,
        },
        {**derivation.SETTINGS, **OUTPUT},
    )
    return [line_of(row) for row in decode_rows(answer)]
