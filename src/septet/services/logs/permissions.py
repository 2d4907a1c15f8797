"""Who may do what with logs."""

from septet.kernel.identity import Permission, Role

READ_LOGS = Permission("logs:read", Role.MEMBER, "logs:read")
WRITE_LOGS = Permission("logs:ingest", Role.MEMBER, "logs:write")
READ_PLATFORM_LOGS = Permission("logs:read_platform", Role.ADMIN, "logs:read")
CHANGE_LOGS = Permission("logs:configure", Role.ADMIN, "logs:write")
