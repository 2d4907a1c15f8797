"""Who may do what with limits."""

from septet.kernel.identity import Permission, Role

CHECK = Permission("limits:check", Role.MEMBER, "limits:check")
READ_LIMITS = Permission("limits:read", Role.MEMBER, "limits:read")
CHANGE_LIMITS = Permission("limits:change", Role.ADMIN, "limits:write")
