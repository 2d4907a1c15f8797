"""Tenancy, declared."""

from septet.kernel.service import Service
from septet.services.tenancy.endpoints import accounts, api_keys, members, organizations
from septet.services.tenancy.settings import TenancySettings

SERVICE = Service(
    name="tenancy",
    title="Organizations, people, roles and keys",
    routers=[accounts.router, organizations.router, members.router, api_keys.router],
    settings=TenancySettings,
)
