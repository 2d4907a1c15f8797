"""An organization back from its archive: every row as it was, under the same id or another."""

import json
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from septet.kernel.errors import Forbidden
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.organizations import claim, found
from septet.services.tenancy.actions.renewals import schedule_next
from septet.services.tenancy.actions.standing import forget_standing
from septet.services.tenancy.actions.subscriptions import current
from septet.services.tenancy.actions.usage import keep_measuring
from septet.services.tenancy.archive import ORGANIZATIONS, Archive, erase, insert_rows, tables_of_tenants
from septet.services.tenancy.errors import ArchiveConflict, NotEmpty
from septet.services.tenancy.models import Organization, User
from septet.services.tenancy.store import organizations, people, projects


async def restore_archive(uow: UnitOfWork, content: bytes, into: UUID | None = None) -> Organization:
    """For operators. Known people are found by address; others get an account without a password.

    `into`: an empty organization that takes the archive's place; without it the organization gets its old id.
    Raises ValueError for what is no archive, NotEmpty, ArchiveConflict, PurgedOrRestored.
    """
    if uow.actor.kind != "system":
        raise Forbidden("Only an operator can restore an archive.")
    archive = Archive.read(content)
    tenant_id = into or archive.organization_id
    await uow.enter_tenant(tenant_id)
    await claim(uow)
    slug = await _make_room(uow, expected=into is not None)
    replaced = {str(archive.organization_id): str(tenant_id)} | await _known_people(uow, archive)
    try:
        await _insert_all(uow, archive, replaced, slug)
    except IntegrityError as error:
        raise ArchiveConflict(_what_is_taken(error)) from error
    await schedule_next(uow, await current(uow))
    keep_measuring(uow)
    await forget_standing(uow, sessions=True)
    audit.record(uow, "organization.restored_from_archive", tenant_id, archiveOf=str(archive.organization_id))
    return found(await organizations.organization(uow))


def _what_is_taken(error: IntegrityError) -> str:
    """In the words of PostgreSQL: which table, which value."""
    cause = error.orig.__cause__ if error.orig else None
    table, detail = getattr(cause, "table_name", "a table"), getattr(cause, "detail", str(error.orig))
    if table == "organizations":
        return f"Another organization has the archive's slug: {detail} Create an empty one and restore into it."
    return f"A row of {table} is another organization's here: {detail}"


async def _make_room(uow: UnitOfWork, *, expected: bool) -> str | None:
    """Remove the empty organization that is to be replaced; returns its slug, which it keeps."""
    organization = await organizations.organization(uow, lock=True)
    if organization is None:
        return None
    if not expected:
        raise NotEmpty("The organization is here already; create an empty one and restore into it.")
    if await projects.count_projects(uow) or await organizations.count_members(uow) > 1:
        raise NotEmpty("The organization to restore into has projects or members; create an empty one.")
    await forget_standing(uow, sessions=True)
    await erase(uow)  # also what services gave it when it was new
    uow.session.expunge_all()
    return organization.slug


async def _known_people(uow: UnitOfWork, archive: Archive) -> dict[str, str]:
    """Ids in the archive whose owners have another id here."""
    replaced = {}
    for person in archive.people:
        user = await people.user_with_email(uow, person["email"])
        if user is None:
            taken = await people.user(uow, UUID(person["id"])) is not None
            user = User(
                id=uow.new_id() if taken else UUID(person["id"]),
                email=person["email"],
                name=person["name"],
                locale=person["locale"],
                created_at=uow.now,
                totp_last_step=0,
            )
            await people.add_user(uow, user)
        if str(user.id) != person["id"]:
            replaced[person["id"]] = str(user.id)
    return replaced


async def _insert_all(uow: UnitOfWork, archive: Archive, replaced: dict[str, str], slug: str | None) -> None:
    for table in await tables_of_tenants(uow):
        lines = archive.rows.get(table.name, [])
        for old, new in replaced.items():
            lines = [line.replace(old, new) for line in lines]
        if table.name == ORGANIZATIONS and slug is not None:
            lines = [_with_slug(line, slug) for line in lines]
        if lines:
            await insert_rows(uow, table, lines)


def _with_slug(line: str, slug: str) -> str:
    entry = json.loads(line)
    entry["row"]["slug"] = slug
    return json.dumps(entry)
