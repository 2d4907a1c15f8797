"""Mail domains: added by an owner, proven by a DNS record, then able to make people members by themselves."""

import secrets

from septet.kernel.name_servers import text_records
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.errors import DomainNotFound, DomainNotProven, DomainTaken, PublicMailDomain
from septet.services.tenancy.models import Domain
from septet.services.tenancy.public_mail import is_public_mail_domain
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import domains as store

RECORD_PREFIX = "septet-domain-verification="


async def add_domain(uow: UnitOfWork, name: str) -> Domain:
    """Add a domain to be proven; the same again gives the same. Raises PublicMailDomain."""
    uow.actor.require(permissions.CHANGE_DOMAINS)
    if is_public_mail_domain(name):
        raise PublicMailDomain(f"Everybody can have an address at {name}; add a domain of your own.")
    domain = Domain(tenant_id=uow.tenant_id, domain=name, token=secrets.token_urlsafe(24), created_at=uow.now)
    if not await store.add_domain(uow, domain):
        return await _found(uow, name)
    audit.record(uow, "domain.added", name)
    return domain


async def verify_domain(uow: UnitOfWork, name: str) -> Domain:
    """Look for the record in DNS. Raises DomainNotFound, DomainNotProven, DomainTaken."""
    uow.actor.require(permissions.CHANGE_DOMAINS)
    domain = await _found(uow, name)
    if domain.verified_at is not None:
        return domain
    expected = record_of(domain)
    if expected not in await text_records(name, uow.settings(TenancySettings).dns_servers):
        raise DomainNotProven(f"Add the TXT record `{expected}` to {name}, and try again when DNS has it.")
    domain.verified_at = uow.now
    if not await store.save_unless_taken(uow):
        raise DomainTaken(f"Another organization has proven {name}.")
    audit.record(uow, "domain.verified", name)
    return domain


def record_of(domain: Domain) -> str:
    """The TXT record that proves it."""
    return f"{RECORD_PREFIX}{domain.token}"


async def remove_domain(uow: UnitOfWork, name: str) -> None:
    """Its people stay members. Raises DomainNotFound."""
    uow.actor.require(permissions.CHANGE_DOMAINS)
    if not await store.remove_domain(uow, name):
        raise DomainNotFound("The organization has no such domain.")
    audit.record(uow, "domain.removed", name)


async def _found(uow: UnitOfWork, name: str) -> Domain:
    domain = await store.domain(uow, name)
    if domain is None:
        raise DomainNotFound("The organization has no such domain; GET /domains lists them.")
    return domain
