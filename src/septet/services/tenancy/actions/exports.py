"""Archives of an organization: asked for, made by a job, kept for a week."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.archive import write_archive
from septet.services.tenancy.errors import ExportNotFound
from septet.services.tenancy.events import ExportReady
from septet.services.tenancy.models import Export
from septet.services.tenancy.store import exports as store

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which export is to be made, or forgotten."""

    export_id: UUID


async def begin(uow: UnitOfWork) -> Export:
    """Ask for an archive of everything the organization owns."""
    uow.actor.require(permissions.EXPORT_ORGANIZATION)
    export = Export(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        status="running",
        requested_by=uow.actor.user_id,
        created_at=uow.now,
        expires_at=uow.now + KEPT,
    )
    await store.add_export(uow, export)
    audit.record(uow, "organization.exported", export.id)
    uow.enqueue(make, Wanted(export.id))
    uow.enqueue(forget, Wanted(export.id), at=export.expires_at)
    return export


@job(max_attempts=5)
async def make(uow: UnitOfWork, wanted: Wanted) -> None:
    """Write the archive; repeated, it is the same."""
    export = await store.export(uow, wanted.export_id)
    if export is not None and export.status == "running":
        export.archive, export.status = await write_archive(uow), "ready"
        uow.emit(ExportReady(uow.tenant_id, export.id, export.requested_by))


@job()
async def forget(uow: UnitOfWork, wanted: Wanted) -> None:
    """Remove an archive whose time is over."""
    await store.remove_export(uow, wanted.export_id)


async def get(uow: UnitOfWork, export_id: UUID) -> Export:
    """Raises ExportNotFound."""
    uow.actor.require(permissions.EXPORT_ORGANIZATION)
    export = await store.export(uow, export_id)
    if export is None:
        raise ExportNotFound("The organization has no such export; it may have been a week.")
    return export


async def archive(uow: UnitOfWork, export_id: UUID) -> bytes:
    """The archive itself. Raises ExportNotFound, also while it is being made."""
    await get(uow, export_id)
    found = await store.archive_of(uow, export_id)
    if found is None:
        raise ExportNotFound("The archive is being made; ask for its status first.")
    audit.record(uow, "organization.export_downloaded", export_id)
    return found
