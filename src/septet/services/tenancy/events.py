"""Facts that tenancy publishes."""

from uuid import UUID

from septet.kernel.events import event


@event("tenancy.organization_created")
class OrganizationCreated:
    """An organization exists and has its first owner."""

    tenant_id: UUID
    name: str
    slug: str
    owner_id: UUID


@event("tenancy.member_role_changed")
class MemberRoleChanged:
    """A member has another role than before."""

    tenant_id: UUID
    user_id: UUID
    old_role: str
    new_role: str


@event("tenancy.member_removed")
class MemberRemoved:
    """A member was removed or left."""

    tenant_id: UUID
    user_id: UUID
