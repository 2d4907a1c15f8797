"""Who may do what with notifications. What is one's own (inbox, preferences, subscriptions) needs but membership."""

from septet.kernel.identity import Permission, Role

SEND = Permission("notifications:send", Role.ADMIN, "notifications:write")
READ = Permission("notifications:read", Role.ADMIN, "notifications:read")
CHANGE_TEMPLATES = Permission("templates:change", Role.ADMIN, "notifications:write")
CHANGE_WEBHOOKS = Permission("webhooks:change", Role.ADMIN, "notifications:write")
READ_WEBHOOKS = Permission("webhooks:read", Role.ADMIN, "notifications:read")
