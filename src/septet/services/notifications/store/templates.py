"""Templates, their published versions, the organization's layout and partials."""

import json
from collections.abc import Sequence

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import Branding, Json, Template, TemplateVersion


async def add_template(uow: UnitOfWork, template: Template) -> bool:
    """Whether it was added; False when the key is taken, however close the race."""
    values = {column.key: getattr(template, column.key) for column in Template.__table__.columns}
    statement = insert(Template).values(values).on_conflict_do_nothing().returning(Template.key)
    return (await uow.session.execute(statement)).first() is not None


async def template(uow: UnitOfWork, key: str, *, lock: bool = False) -> Template | None:
    statement = select(Template).where(Template.tenant_id == uow.tenant_id, Template.key == key)
    found: Template | None = await uow.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def templates(uow: UnitOfWork, limit: int, after: str | None) -> Sequence[Template]:
    statement = select(Template).where(Template.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(Template.key > after)
    return (await uow.session.scalars(statement.order_by(Template.key).limit(limit))).all()


async def remove_template(uow: UnitOfWork, key: str) -> None:
    """The published versions stay: what is scheduled was promised with them."""
    await uow.session.execute(delete(Template).where(Template.tenant_id == uow.tenant_id, Template.key == key))


async def add_version(uow: UnitOfWork, key: str, definition: Json) -> int:
    """Publish the next version; the template's row is locked by the caller."""
    statement = text(
        """INSERT INTO notifications.template_versions (tenant_id, key, version, definition, published_at)
           SELECT CAST(:tenant AS uuid), CAST(:key AS text), coalesce(max(version), 0) + 1,
             CAST(:definition AS jsonb), CAST(:now AS timestamptz)
           FROM notifications.template_versions WHERE tenant_id = :tenant AND key = :key RETURNING version"""
    )
    parameters = {"tenant": uow.tenant_id, "key": key, "definition": json.dumps(definition), "now": uow.now}
    return int((await uow.session.execute(statement, parameters)).scalar_one())


async def version(uow: UnitOfWork, key: str, number: int) -> TemplateVersion | None:
    statement = select(TemplateVersion).where(
        TemplateVersion.tenant_id == uow.tenant_id, TemplateVersion.key == key, TemplateVersion.version == number
    )
    found: TemplateVersion | None = await uow.session.scalar(statement)
    return found


async def published(uow: UnitOfWork, key: str) -> TemplateVersion | None:
    """The version in use."""
    statement = (
        select(TemplateVersion)
        .join(
            Template,
            (Template.tenant_id == TemplateVersion.tenant_id)
            & (Template.key == TemplateVersion.key)
            & (Template.published_version == TemplateVersion.version),
        )
        .where(TemplateVersion.tenant_id == uow.tenant_id, TemplateVersion.key == key)
    )
    found: TemplateVersion | None = await uow.session.scalar(statement)
    return found


async def versions(uow: UnitOfWork, key: str, limit: int, before: int | None) -> Sequence[TemplateVersion]:
    statement = select(TemplateVersion).where(TemplateVersion.tenant_id == uow.tenant_id, TemplateVersion.key == key)
    if before is not None:
        statement = statement.where(TemplateVersion.version < before)
    return (await uow.session.scalars(statement.order_by(TemplateVersion.version.desc()).limit(limit))).all()


async def branding(uow: UnitOfWork) -> Branding | None:
    found: Branding | None = await uow.session.scalar(select(Branding).where(Branding.tenant_id == uow.tenant_id))
    return found


async def save_branding(uow: UnitOfWork, layout: Json, partials: Json) -> None:
    statement = insert(Branding).values(tenant_id=uow.tenant_id, layout=layout, partials=partials, revision=1)
    changed = {"layout": layout, "partials": partials, "revision": Branding.revision + 1}
    await uow.session.execute(statement.on_conflict_do_update(index_elements=[Branding.tenant_id], set_=changed))
