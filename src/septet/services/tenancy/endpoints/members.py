"""`/members`."""

from uuid import UUID

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, moment, refusals
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import members as actions
from septet.services.tenancy.errors import LastOwner, MemberNotFound, RoleAboveOwn
from septet.services.tenancy.schemas.organizations import MemberOut, RoleChange
from septet.services.tenancy.store import organizations as store

router = Router("tenancy", tag="members")


@router.get("/members", summary="List the members", responses=refusals(Unauthenticated, Forbidden, BadParameter))
async def list_members(uow: TenantUow, page: PageQuery) -> Page[MemberOut]:
    uow.actor.require(permissions.READ_MEMBERS)
    rows = await store.members(uow, page.fetch, page.after(moment, UUID))
    return Page.of(rows, page, lambda row: (row[0].joined_at, row[0].user_id), member_out)


@router.patch(
    "/members/{user_id}",
    summary="Change a member's role",
    responses=refusals(Unauthenticated, Forbidden, RoleAboveOwn, MemberNotFound, LastOwner),
)
async def change_role(user_id: UUID, body: RoleChange, uow: TenantUow) -> MemberOut:
    return member_out(await actions.change_role(uow, user_id, body.role))


@router.delete(
    "/members/{user_id}",
    status_code=204,
    summary="Remove a member, or leave",
    responses=refusals(Unauthenticated, Forbidden, RoleAboveOwn, MemberNotFound, LastOwner),
)
async def remove_member(user_id: UUID, uow: TenantUow) -> None:
    await actions.remove_member(uow, user_id)


def member_out(row: store.Member) -> MemberOut:
    membership, user = row
    return MemberOut(
        user_id=user.id, email=user.email, name=user.name, role=membership.role, joined_at=membership.joined_at
    )
