"""Tables about which the rule of row-level security has an exception, with its reason."""

SEEN_BY_NO_TENANT = ("notifications.mailbox", "notifications.tenants", "notifications.outbox")
"""The dispatcher and the development mailbox work for all tenants, in transactions that name none.

A weakness: there, only the code keeps tenants apart. Another tenant's transaction still sees none of these rows.
"""
