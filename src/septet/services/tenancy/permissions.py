"""Who may do what in an organization: the permission matrix, as data. The documentation's table is made from it."""

from septet.kernel.identity import Permission, Role

READ, WRITE = "tenancy:read", "tenancy:write"

READ_ORGANIZATION = Permission("organization:read", Role.MEMBER, READ)
CHANGE_ORGANIZATION = Permission("organization:change", Role.ADMIN, WRITE)
DELETE_ORGANIZATION = Permission("organization:delete", Role.OWNER, WRITE)
TRANSFER_ORGANIZATION = Permission("organization:transfer", Role.OWNER, WRITE)
EXPORT_ORGANIZATION = Permission("organization:export", Role.OWNER, WRITE)
READ_MEMBERS = Permission("members:read", Role.MEMBER, READ)
CHANGE_MEMBERS = Permission("members:change", Role.ADMIN, WRITE)
READ_INVITATIONS = Permission("invitations:read", Role.ADMIN, READ)
CHANGE_INVITATIONS = Permission("invitations:change", Role.ADMIN, WRITE)
READ_API_KEYS = Permission("api_keys:read", Role.ADMIN, READ)
CHANGE_API_KEYS = Permission("api_keys:change", Role.ADMIN, WRITE)
READ_DOMAINS = Permission("domains:read", Role.ADMIN, READ)
CHANGE_DOMAINS = Permission("domains:change", Role.OWNER, WRITE)
READ_AUDIT_LOG = Permission("audit_log:read", Role.ADMIN, READ)
READ_PROJECTS = Permission("projects:read", Role.MEMBER, READ)
CHANGE_PROJECTS = Permission("projects:change", Role.ADMIN, WRITE)
CHANGE_TASKS = Permission("tasks:change", Role.MEMBER, WRITE)
READ_BILLING = Permission("billing:read", Role.ADMIN, READ)
CHANGE_BILLING = Permission("billing:change", Role.OWNER, WRITE)
READ_FLAGS = Permission("flags:read", Role.MEMBER, READ)
CHANGE_FLAGS = Permission("flags:change", Role.ADMIN, WRITE)
