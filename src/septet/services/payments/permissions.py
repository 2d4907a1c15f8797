"""Who may do what with payments."""

from septet.kernel.identity import Permission, Role

READ_PAYMENTS = Permission("payments:read", Role.MEMBER, "payments:read")
TAKE_PAYMENTS = Permission("payments:take", Role.MEMBER, "payments:write")
REFUND_PAYMENTS = Permission("payments:refund", Role.ADMIN, "payments:write")
RECONCILE_PAYMENTS = Permission("payments:reconcile", Role.ADMIN, "payments:read")
SAVE_METHOD = Permission("payments:save_method", Role.OWNER, "payments:write")
SIMULATE = Permission("payments:simulate", Role.OWNER, "payments:write")
REPAIR_PAYMENTS = Permission("payments:repair", Role.ADMIN, "payments:write")
