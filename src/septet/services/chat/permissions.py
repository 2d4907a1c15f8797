"""Who may do what in chat. Beyond these, each room has roles of its own (see `actions.access`)."""

from septet.kernel.identity import Permission, Role

READ = Permission("chat:read", Role.MEMBER, "chat:read")
WRITE = Permission("chat:write", Role.MEMBER, "chat:write")
GOVERN = Permission("chat:govern", Role.ADMIN, "chat:write")
