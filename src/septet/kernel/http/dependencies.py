"""How an endpoint gets its unit of work. The route opens it and commits it; see `routing`.

`TenantUow`: somebody of an organization; `RestrictedTenantUow`: the same, and may write while it has not paid.
`RequestUow`: anybody who is authenticated. `PublicUow`: everybody.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from septet.kernel.errors import BadParameter, Problem, Unauthenticated
from septet.kernel.uow import UnitOfWork

SESSION_COOKIE = "septet_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

bearer = HTTPBearer(auto_error=False, description="A session token or an API key.")
cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="The console's session.")


async def _public(request: Request) -> UnitOfWork:
    uow: UnitOfWork = request.state.uow
    return uow


async def _authenticated(uow: Annotated[UnitOfWork, Depends(_public)]) -> UnitOfWork:
    if uow.actor.kind == "anonymous":
        raise Unauthenticated
    return uow


async def _of_any_tenant(uow: Annotated[UnitOfWork, Depends(_authenticated)]) -> UnitOfWork:
    if uow.actor.tenant_id is None:
        raise OrganizationRequired
    return uow


async def _of_tenant(uow: Annotated[UnitOfWork, Depends(_of_any_tenant)], request: Request) -> UnitOfWork:
    if uow.actor.restricted and request.method not in SAFE_METHODS:
        raise OrganizationReadOnly
    return uow


class OrganizationReadOnly(Problem):
    """The organization has not paid for too long."""

    status, code, title = 402, "organization_read_only", "The organization may only read"

    def __init__(self) -> None:
        super().__init__("An invoice is long past due; writing works again once it is paid: GET /billing/invoices.")


class OrganizationRequired(BadParameter):
    """The user is in no organization, or in several and the request does not say for which it is."""

    code, title = "organization_required", "The organization is not said"

    def __init__(self) -> None:
        super().__init__(
            "Say with the header `Septet-Organization: <id>` for which organization this is; GET /me lists yours."
        )


PublicUow = Annotated[UnitOfWork, Depends(_public)]
RequestUow = Annotated[UnitOfWork, Depends(_authenticated)]
TenantUow = Annotated[UnitOfWork, Depends(_of_tenant)]
RestrictedTenantUow = Annotated[UnitOfWork, Depends(_of_any_tenant)]
