"""Who may do what with links."""

from septet.kernel.identity import Permission, Role

READ_LINKS = Permission("links:read", Role.MEMBER, "links:read")
CHANGE_LINKS = Permission("links:change", Role.MEMBER, "links:write")
CHANGE_DOMAINS = Permission("links:domains", Role.ADMIN, "links:write")
DISABLE_LINKS = Permission("links:disable", Role.ADMIN, "links:write")
