"""`/audit-events`: list, filter and export the audit log."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.kernel.wire import Moment
from septet.services.tenancy import permissions
from septet.services.tenancy.models import AuditEvent
from septet.services.tenancy.schemas.organizations import AuditEventOut
from septet.services.tenancy.store.audit import AuditFilter, audit_events

router = Router("tenancy", tag="audit log")
LARGEST_EXPORT = 100_000
CSV_COLUMNS = ("at", "action", "actorKind", "actorId", "actorName", "targetId", "address", "details", "id")


def _filter(
    action: Annotated[str | None, Query(max_length=100, description="This act; `member.*` for all of members.")] = None,
    actor_id: Annotated[UUID | None, Query(alias="actorId", description="By this user or API key.")] = None,
    target_id: Annotated[str | None, Query(alias="targetId", max_length=100, description="To this.")] = None,
    from_: Annotated[Moment | None, Query(alias="from", description="Not before (RFC 3339).")] = None,
    to: Annotated[Moment | None, Query(description="Before (RFC 3339).")] = None,
) -> AuditFilter:
    return AuditFilter(action, actor_id, target_id, from_, to)


Wanted = Annotated[AuditFilter, Depends(_filter)]


@router.get(
    "/audit-events",
    summary="List security-relevant and administrative acts, newest first",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_audit_events(uow: TenantUow, page: PageQuery, wanted: Wanted) -> Page[AuditEventOut]:
    uow.actor.require(permissions.READ_AUDIT_LOG)
    rows = await audit_events(uow, wanted, page.fetch, page.after(UUID))
    return Page.of(rows, page, lambda row: (row.id,), AuditEventOut.model_validate)


@router.get(
    "/audit-events/export",
    summary="Download the newest 100,000 entries as CSV",
    response_class=Response,
    responses={
        **refusals(Unauthenticated, Forbidden, BadParameter),
        200: {"content": {"text/csv": {}}, "description": "Newest first."},
    },
)
async def export_audit_events(uow: TenantUow, wanted: Wanted) -> Response:
    uow.actor.require(permissions.READ_AUDIT_LOG)
    rows = await audit_events(uow, wanted, LARGEST_EXPORT, None)
    headers = {"Content-Disposition": 'attachment; filename="audit-events.csv"'}
    return Response(_csv(rows), media_type="text/csv", headers=headers)


def _csv(rows: Sequence[AuditEvent]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        entry = AuditEventOut.model_validate(row).model_dump(mode="json", by_alias=True)
        entry["details"] = json.dumps(entry["details"])
        writer.writerow([_inert(entry[column]) for column in CSV_COLUMNS])
    return text.getvalue()


def _inert(value: str | None) -> str:
    """Spreadsheets run what begins like a formula; a quote in front keeps it text."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value or ""
