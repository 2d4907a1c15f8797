"""`/limits/rules`."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from septet.kernel.errors import BadParameter, Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, moment, refusals
from septet.services.limits import permissions
from septet.services.limits.actions import rules as actions
from septet.services.limits.errors import NothingToUndo, RuleNotFound, TooManyRules
from septet.services.limits.models import Rule
from septet.services.limits.schemas import RuleChangeOut, RuleIn, RuleOut
from septet.services.limits.store import rules as store

router = Router("limits")
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]
RuleId = Annotated[UUID | None, Query(alias="ruleId", description="Only changes of this rule.")]


@router.post(
    "/limits/rules",
    status_code=201,
    summary="Create a rule",
    responses=refusals(Unauthenticated, Forbidden, TooManyRules),
)
async def create_rule(body: RuleIn, uow: TenantUow, response: Response) -> RuleOut:
    return _out(await actions.create_rule(uow, body), response)


@router.get("/limits/rules", summary="List the rules", responses=refusals(Unauthenticated, Forbidden, BadParameter))
async def list_rules(uow: TenantUow, page: PageQuery) -> Page[RuleOut]:
    uow.actor.require(permissions.READ_LIMITS)
    await actions.ensure_defaults(uow)
    found = await store.page_of_rules(uow, page.fetch, page.after(moment, UUID))
    return Page.of(found, page, lambda rule: (rule.created_at, rule.id), _out)


@router.get(
    "/limits/rules/history",
    summary="List the changes of rules, the newest first",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_rule_changes(uow: TenantUow, page: PageQuery, rule_id: RuleId = None) -> Page[RuleChangeOut]:
    uow.actor.require(permissions.READ_LIMITS)
    await actions.ensure_defaults(uow)
    found = await store.page_of_changes(uow, rule_id, page.fetch, page.after(UUID))
    return Page.of(found, page, lambda change: (change.id,), RuleChangeOut.model_validate)


@router.post(
    "/limits/rules/history/{change_id}/undo",
    status_code=204,
    summary="Bring back what a rule was before a change",
    responses=refusals(Unauthenticated, Forbidden, RuleNotFound, NothingToUndo),
)
async def undo_rule_change(change_id: UUID, uow: TenantUow) -> None:
    await actions.undo(uow, change_id)


@router.get(
    "/limits/rules/{rule_id}", summary="Get a rule", responses=refusals(Unauthenticated, Forbidden, RuleNotFound)
)
async def get_rule(rule_id: UUID, uow: TenantUow, response: Response) -> RuleOut:
    return _out(await actions.find_rule(uow, rule_id), response)


@router.put(
    "/limits/rules/{rule_id}",
    summary="Change a rule; its counters go on",
    responses=refusals(Unauthenticated, Forbidden, RuleNotFound, PreconditionFailed),
)
async def change_rule(
    rule_id: UUID, body: RuleIn, uow: TenantUow, response: Response, if_match: IfMatch = None
) -> RuleOut:
    return _out(await actions.change_rule(uow, rule_id, body, if_match), response)


@router.delete(
    "/limits/rules/{rule_id}",
    status_code=204,
    summary="Delete a rule",
    responses=refusals(Unauthenticated, Forbidden, RuleNotFound),
)
async def delete_rule(rule_id: UUID, uow: TenantUow) -> None:
    await actions.delete_rule(uow, rule_id)


def _out(rule: Rule, response: Response | None = None) -> RuleOut:
    if response is not None:
        response.headers["ETag"] = actions.version_of(rule)
    return RuleOut.model_validate(
        {
            **rule.definition,
            "id": rule.id,
            "seeded": rule.seeded,
            "createdAt": rule.created_at,
            "updatedAt": rule.updated_at,
        }
    )
