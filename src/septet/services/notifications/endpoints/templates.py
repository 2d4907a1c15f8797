"""`/templates` and `/branding`."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Header, Path, Response

from septet.kernel.errors import BadParameter, Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.notifications import permissions, system_templates
from septet.services.notifications.actions import templates as actions
from septet.services.notifications.errors import TemplateExists, TemplateIncomplete, TemplateInvalid, TemplateNotFound
from septet.services.notifications.models import Template, TemplateVersion
from septet.services.notifications.schemas.templates import (
    BrandingBody,
    PreviewOut,
    RenderedMessage,
    TemplateCreate,
    TemplateOut,
    TemplatePreview,
    TemplatePut,
    TemplateVersionOut,
)
from septet.services.notifications.store import templates as store

router = Router("notifications", tag="templates")
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="The template's key.")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]


@router.post(
    "/templates",
    status_code=201,
    summary="Create a template's draft",
    responses=refusals(Unauthenticated, Forbidden, TemplateExists),
)
async def create_template(body: TemplateCreate, uow: TenantUow, response: Response) -> TemplateOut:
    return _out(await actions.create_template(uow, body), response)


@router.get(
    "/templates",
    summary="List templates; the built-in ones stand on the last page",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_templates(uow: TenantUow, page: PageQuery) -> Page[TemplateOut]:
    uow.actor.require(permissions.READ)
    after = page.after(str)
    found = await store.templates(uow, page.fetch, after[0] if after else None)
    listed = Page.of(found, page, lambda each: (each.key,), _out)
    if listed.next_cursor is None:
        for key in system_templates.names():
            if not await store.template(uow, key):
                listed.data.append(_system(key))
    return listed


@router.get(
    "/templates/{key}", summary="Get a template", responses=refusals(Unauthenticated, Forbidden, TemplateNotFound)
)
async def get_template(key: Key, uow: TenantUow, response: Response) -> TemplateOut:
    uow.actor.require(permissions.READ)
    if not await store.template(uow, key) and key in system_templates.names():
        return _system(key)
    return _out(await actions.require_template(uow, key), response)


@router.put(
    "/templates/{key}",
    summary="Replace a template's draft",
    responses=refusals(Unauthenticated, Forbidden, TemplateNotFound, PreconditionFailed, BadParameter),
)
async def put_template(
    key: Key, body: TemplatePut, uow: TenantUow, response: Response, if_match: IfMatch = None
) -> TemplateOut:
    if body.key is not None and body.key != key:
        raise BadParameter("`key` in the body must be the path's, or be left away.")
    draft = TemplateCreate(**{**dict(body), "key": key})
    return _out(await actions.change_template(uow, draft, if_match), response)


@router.delete(
    "/templates/{key}",
    status_code=204,
    summary="Remove a template",
    responses=refusals(Unauthenticated, Forbidden, TemplateNotFound),
)
async def delete_template(key: Key, uow: TenantUow) -> None:
    await actions.delete_template(uow, key)


@router.post(
    "/templates/{key}/preview",
    summary="Render a template with data",
    responses=refusals(Unauthenticated, Forbidden, TemplateNotFound, TemplateInvalid),
)
async def preview_template(key: Key, body: TemplatePreview, uow: TenantUow) -> PreviewOut:
    messages, missing = await actions.preview(
        uow, key, body.locale, body.data, body.time_zone, published=body.published
    )
    return PreviewOut(messages=[RenderedMessage(**asdict(message)) for message in messages], missing=missing)


@router.post(
    "/templates/{key}/publish",
    summary="Publish the draft",
    responses=refusals(Unauthenticated, Forbidden, TemplateNotFound, TemplateIncomplete),
)
async def publish_template(key: Key, uow: TenantUow) -> TemplateVersionOut:
    return _version(await actions.publish(uow, key))


@router.get(
    "/templates/{key}/versions",
    summary="List the published versions",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_versions(key: Key, uow: TenantUow, page: PageQuery) -> Page[TemplateVersionOut]:
    uow.actor.require(permissions.READ)
    after = page.after(int)
    found = await store.versions(uow, key, page.fetch, after[0] if after else None)
    return Page.of(found, page, lambda each: (each.version,), _version)


@router.get("/branding", summary="Get layout and partials", responses=refusals(Unauthenticated, Forbidden))
async def get_branding(uow: TenantUow) -> BrandingBody:
    uow.actor.require(permissions.READ)
    found = await store.branding(uow)
    return (
        BrandingBody.model_validate({"layout": found.layout, "partials": found.partials}) if found else BrandingBody()
    )


@router.put(
    "/branding", summary="Set layout and partials", responses=refusals(Unauthenticated, Forbidden, TemplateInvalid)
)
async def put_branding(body: BrandingBody, uow: TenantUow) -> BrandingBody:
    layout = body.layout.model_dump(mode="json", by_alias=True, exclude_none=True)
    await actions.set_branding(uow, layout, dict(body.partials))
    return body


def _out(template: Template, response: Response | None = None) -> TemplateOut:
    if response is not None:
        response.headers["ETag"] = actions.version_of(template)
    return TemplateOut(**template.draft, published_version=template.published_version, updated_at=template.updated_at)


def _system(key: str) -> TemplateOut:
    definition = system_templates.definition(key)
    assert definition is not None
    return TemplateOut(**definition, published_version=None, system=True, updated_at=None)


def _version(version: TemplateVersion) -> TemplateVersionOut:
    template = TemplateCreate.model_validate(version.definition)
    return TemplateVersionOut(version=version.version, published_at=version.published_at, template=template)
