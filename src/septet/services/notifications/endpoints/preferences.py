"""`/preferences` and `/notification-categories`."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import Path

from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.http import Page, Router, TenantUow, refusals
from septet.services.notifications import permissions
from septet.services.notifications.actions import preferences as actions
from septet.services.notifications.actions.inbox import require_user
from septet.services.notifications.deciding.facts import BUILT_IN_CATEGORIES, category_rules
from septet.services.notifications.errors import RequiredCategory, UserRequired
from septet.services.notifications.schemas.preferences import CategoryBody, CategoryOut, PreferencesBody
from septet.services.notifications.store import recipients as store

router = Router("notifications", tag="preferences")
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="The category's name.")]


@router.get("/preferences", summary="Get one's preferences", responses=refusals(Unauthenticated, UserRequired))
async def get_preferences(uow: TenantUow) -> PreferencesBody:
    return await actions.get(uow, str(require_user(uow)))


@router.put(
    "/preferences",
    summary="Set one's preferences",
    responses=refusals(Unauthenticated, UserRequired, RequiredCategory),
)
async def put_preferences(body: PreferencesBody, uow: TenantUow) -> PreferencesBody:
    return await actions.put(uow, str(require_user(uow)), body)


@router.get(
    "/members/{user_id}/preferences",
    summary="Get a member's preferences",
    responses=refusals(Unauthenticated, Forbidden),
)
async def get_member_preferences(user_id: UUID, uow: TenantUow) -> PreferencesBody:
    uow.actor.require(permissions.READ)
    return await actions.get(uow, str(user_id))


@router.get(
    "/notification-categories",
    summary="List categories that have rules",
    responses=refusals(Unauthenticated),
)
async def list_categories(uow: TenantUow) -> Page[CategoryOut]:
    own = {row.name for row in await store.categories(uow)}
    rules = await category_rules(uow)
    data = [CategoryOut(name=name, built_in=name not in own, **asdict(rule)) for name, rule in sorted(rules.items())]
    return Page(data=data, next_cursor=None)


@router.put(
    "/notification-categories/{name}",
    summary="Set a category's rules",
    responses=refusals(Unauthenticated, Forbidden),
)
async def put_category(name: Name, body: CategoryBody, uow: TenantUow) -> CategoryOut:
    await actions.put_category(uow, name, body)
    return CategoryOut(name=name, built_in=False, **body.model_dump())


@router.delete(
    "/notification-categories/{name}",
    summary="Go back to the built-in rules, or to none",
    responses=refusals(Unauthenticated, Forbidden),
)
async def reset_category(name: Name, uow: TenantUow) -> CategoryOut:
    rule = await actions.reset_category(uow, name)
    return CategoryOut(name=name, built_in=name in BUILT_IN_CATEGORIES, **asdict(rule))
