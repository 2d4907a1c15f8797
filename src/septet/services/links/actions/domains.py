"""Custom domains, proven by a DNS TXT record, and reports of abuse."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from septet.kernel.name_servers import text_records
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions.links import get_link
from septet.services.links.errors import (
    DomainInUse,
    DomainNotFound,
    DomainTaken,
    DomainUnverified,
    LinkNotFound,
    TooManyReports,
)
from septet.services.links.events import LinkReported
from septet.services.links.models import Domain, Report
from septet.services.links.redirects import Redirects
from septet.services.links.settings import LinksSettings
from septet.services.links.store import domains as store
from septet.services.links.store import links as link_store
from septet.services.links.store import places

TXT_PREFIX = "_septet"


async def claim_domain(uow: UnitOfWork, host: str) -> Domain:
    """Claiming proves nothing yet; claiming again gives the same record to set."""
    uow.actor.require(permissions.CHANGE_DOMAINS)
    return await store.add_claim(uow, host, f"septet-verification={secrets.token_urlsafe(24)}")


async def list_domains(uow: UnitOfWork) -> Sequence[Domain]:
    uow.actor.require(permissions.READ_LINKS)
    return await store.claims(uow)


async def verify_domain(uow: UnitOfWork, domain_id: UUID) -> Domain:
    """Raises DomainNotFound, DomainUnverified (the record is not there), DomainTaken."""
    uow.actor.require(permissions.CHANGE_DOMAINS)
    domain = await _found(uow, domain_id)
    if domain.verified_at is not None:
        return domain
    server = uow.settings(LinksSettings).dns_server
    found = await text_records(txt_name(domain), [server] if server else [])
    if domain.token not in found:
        told = f"the name has {len(found)} other texts" if found else "there is no TXT record at that name"
        raise DomainUnverified(f"Set a TXT record `{txt_name(domain)}` with the text `{domain.token}`; now {told}.")
    if not await store.verify(uow, domain, uow.now):
        raise DomainTaken(f"`{domain.host}` has been verified by another organization.")
    return domain


async def remove_domain(uow: UnitOfWork, domain_id: UUID) -> None:
    """Raises DomainNotFound, DomainInUse."""
    uow.actor.require(permissions.CHANGE_DOMAINS)
    domain = await _found(uow, domain_id)
    if domain.verified_at and (count := await link_store.count_on_host(uow, domain.host)):
        raise DomainInUse(f"`{domain.host}` still has {count} links; delete them first.")
    await store.remove_claim(uow, domain_id)


def txt_name(domain: Domain) -> str:
    return f"{TXT_PREFIX}.{domain.host}"


async def _found(uow: UnitOfWork, domain_id: UUID) -> Domain:
    domain = await store.claim(uow, domain_id)
    if domain is None:
        raise DomainNotFound("It does not exist, or it belongs to another organization.")
    return domain


async def report_link(uow: UnitOfWork, link_id: UUID, reason: str, details: str, address: str) -> Report:
    """Anybody may. Raises LinkNotFound, TooManyReports."""
    allowed = uow.settings(LinksSettings).reports_per_hour
    if await uow.runtime.shared(Redirects).throttle.count("reports", address, 3600) > allowed:
        raise TooManyReports("Wait an hour before you report more.", headers={"Retry-After": "3600"})
    if await places.link_known_to_visitors(uow, link_id) is None:
        raise LinkNotFound("No link has this id.")
    report = await store.add_report(uow, link_id, reason, details)
    uow.emit(LinkReported(uow.tenant_id, link_id, report.id, reason))
    return report


async def list_reports(uow: UnitOfWork, link_id: UUID, limit: int, before: UUID | None) -> Sequence[Report]:
    """Newest first. Raises LinkNotFound."""
    link = await get_link(uow, link_id)
    return await store.reports(uow, link.id, limit, before)
