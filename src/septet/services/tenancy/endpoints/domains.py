"""`/domains`: mail domains of the organization."""

from typing import Annotated

from fastapi import Path

from septet.kernel.entitlements import FeatureNotInPlan
from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.http import Page, Router, TenantUow, needs_feature, refusals
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import domains as actions
from septet.services.tenancy.errors import DomainNotFound, DomainNotProven, DomainTaken, PublicMailDomain
from septet.services.tenancy.models import Domain
from septet.services.tenancy.schemas.organizations import DomainCreate, DomainName, DomainOut
from septet.services.tenancy.store import domains as store

router = Router("tenancy", tag="domains")
Name = Annotated[DomainName, Path(description="The domain.")]
FEATURE = needs_feature("members.domainJoin")


@router.post(
    "/domains",
    status_code=201,
    summary="Add a mail domain, to be proven by a DNS record",
    dependencies=[FEATURE],
    responses=refusals(Unauthenticated, Forbidden, FeatureNotInPlan, PublicMailDomain),
)
async def add_domain(body: DomainCreate, uow: TenantUow) -> DomainOut:
    return _out(await actions.add_domain(uow, body.domain))


@router.get("/domains", summary="List the mail domains", responses=refusals(Unauthenticated, Forbidden))
async def list_domains(uow: TenantUow) -> Page[DomainOut]:
    uow.actor.require(permissions.READ_DOMAINS)
    return Page(data=[_out(domain) for domain in await store.domains(uow)], next_cursor=None)


@router.post(
    "/domains/{domain}/verify",
    summary="Look for the DNS record that proves a domain",
    dependencies=[FEATURE],
    responses=refusals(Unauthenticated, Forbidden, FeatureNotInPlan, DomainNotFound, DomainNotProven, DomainTaken),
)
async def verify_domain(domain: Name, uow: TenantUow) -> DomainOut:
    return _out(await actions.verify_domain(uow, domain))


@router.delete(
    "/domains/{domain}",
    status_code=204,
    summary="Remove a mail domain; its people stay members",
    responses=refusals(Unauthenticated, Forbidden, DomainNotFound),
)
async def remove_domain(domain: Name, uow: TenantUow) -> None:
    await actions.remove_domain(uow, domain)


def _out(domain: Domain) -> DomainOut:
    return DomainOut(
        domain=domain.domain,
        record=actions.record_of(domain),
        verified_at=domain.verified_at,
        created_at=domain.created_at,
    )
