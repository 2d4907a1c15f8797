"""Tenancy's tables, in the PostgreSQL schema `tenancy`, one file per noun.

People and how they sign in belong to nobody's organization; everything else is a tenant's. An organization *is* the
tenant: its primary key is the `tenant_id` of all its rows. The migration is the truth about indexes and constraints.
"""

from septet.services.tenancy.models.billing import Invoice, Subscription
from septet.services.tenancy.models.flags import Flag, FlagOverride
from septet.services.tenancy.models.organizations import (
    ApiKey,
    AuditEvent,
    Domain,
    Export,
    Invitation,
    Membership,
    Organization,
)
from septet.services.tenancy.models.people import (
    AccountEvent,
    ExternalIdentity,
    MailToken,
    Passkey,
    RecoveryCode,
    Session,
    User,
)
from septet.services.tenancy.models.schema import Base
from septet.services.tenancy.models.usage import Usage
from septet.services.tenancy.models.work import Activity, Attachment, Comment, Project, Task, TaskLabel

__all__ = [
    "AccountEvent",
    "Activity",
    "ApiKey",
    "Attachment",
    "AuditEvent",
    "Base",
    "Comment",
    "Domain",
    "Export",
    "ExternalIdentity",
    "Flag",
    "FlagOverride",
    "Invitation",
    "Invoice",
    "MailToken",
    "Membership",
    "Organization",
    "Passkey",
    "Project",
    "RecoveryCode",
    "Session",
    "Subscription",
    "Task",
    "TaskLabel",
    "Usage",
    "User",
]
