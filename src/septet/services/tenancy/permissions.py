"""Who may do what in an organization: the permission matrix, as data."""

from septet.kernel.identity import Permission, Role

READ_ORGANIZATION = Permission("organization:read", Role.MEMBER, "tenancy:read")
CHANGE_ORGANIZATION = Permission("organization:change", Role.ADMIN, "tenancy:write")
DELETE_ORGANIZATION = Permission("organization:delete", Role.OWNER, "tenancy:write")
READ_MEMBERS = Permission("members:read", Role.MEMBER, "tenancy:read")
CHANGE_MEMBERS = Permission("members:change", Role.ADMIN, "tenancy:write")
READ_API_KEYS = Permission("api_keys:read", Role.ADMIN, "tenancy:read")
CHANGE_API_KEYS = Permission("api_keys:change", Role.ADMIN, "tenancy:write")
