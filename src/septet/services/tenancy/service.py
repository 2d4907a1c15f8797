"""Tenancy, declared."""

from septet.kernel.service import Service
from septet.services.tenancy import jobs as jobs  # declares them
from septet.services.tenancy.endpoints import (
    accounts,
    api_keys,
    audit,
    billing,
    discussion,
    domains,
    external_sign_in,
    flags,
    invitations,
    members,
    ofrep,
    organizations,
    passkeys,
    projects,
    sign_in,
    tasks,
    usage,
)
from septet.services.tenancy.session_lane import hot_routes
from septet.services.tenancy.settings import TenancySettings

SERVICE = Service(
    name="tenancy",
    title="Organizations, people, projects, billing and flags",
    routers=[
        accounts.router,
        sign_in.router,
        passkeys.router,
        external_sign_in.router,
        organizations.router,
        members.router,
        invitations.router,
        domains.router,
        api_keys.router,
        audit.router,
        projects.router,
        tasks.router,
        discussion.router,
        billing.router,
        usage.router,
        flags.router,
        ofrep.router,
    ],
    settings=TenancySettings,
    hot_routes=hot_routes,
)
