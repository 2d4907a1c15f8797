"""Facts that tenancy publishes. Those that carry a secret for a mail are not public: webhooks never see them."""

from datetime import date, datetime
from uuid import UUID

from septet.kernel.events import event


@event("tenancy.user_signed_up", public=False)
class UserSignedUp:
    """An account exists."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    name: str
    locale: str


@event("tenancy.email_verification_requested", public=False)
class EmailVerificationRequested:
    """The address should be sent `token`, which proves that it is read."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    name: str
    locale: str
    token: str


@event("tenancy.password_reset_asked", public=False)
class PasswordResetAsked:
    """Somebody typed this address; whether it has an account is found out later."""

    tenant_id: UUID | None
    email: str


@event("tenancy.password_reset_requested", public=False)
class PasswordResetRequested:
    """The address should be sent `token`, which sets a new password once within 30 minutes."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    name: str
    locale: str
    token: str


@event("tenancy.password_changed", public=False)
class PasswordChanged:
    """The password is another one; its owner should be told."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    name: str
    locale: str


@event("tenancy.new_device_logged_in", public=False)
class NewDeviceLoggedIn:
    """Somebody logged in from a device that was not seen with this account before; its owner should be told."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    name: str
    locale: str
    device: str
    address: str
    at: datetime


@event("tenancy.email_change_requested", public=False)
class EmailChangeRequested:
    """The new address should be sent `token`, which makes it the account's."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    name: str
    locale: str
    token: str


@event("tenancy.email_changed", public=False)
class EmailChanged:
    """The account has another address; the owner of the old one should be told there."""

    tenant_id: UUID | None
    user_id: UUID
    email: str
    old_email: str
    name: str
    locale: str


@event("tenancy.organization_created")
class OrganizationCreated:
    """An organization exists and has its first owner."""

    tenant_id: UUID
    name: str
    slug: str
    owner_id: UUID


@event("tenancy.organization_deleted")
class OrganizationDeleted:
    """An organization was deleted; it can be restored until `due_at`, then its data goes."""

    tenant_id: UUID
    name: str
    deleted_by: UUID | None
    due_at: datetime


@event("tenancy.organization_restored")
class OrganizationRestored:
    """A deleted organization was restored within its grace period."""

    tenant_id: UUID
    name: str
    restored_by: UUID


@event("tenancy.organization_purged", public=False)
class OrganizationPurged:
    """The organization's grace period is over: every service removes what it keeps of it."""

    tenant_id: UUID


@event("tenancy.member_joined")
class MemberJoined:
    """Somebody became a member."""

    tenant_id: UUID
    user_id: UUID
    email: str
    name: str
    role: str


@event("tenancy.member_role_changed")
class MemberRoleChanged:
    """A member has another role than before."""

    tenant_id: UUID
    user_id: UUID
    old_role: str
    new_role: str
    changed_by: UUID | None


@event("tenancy.member_removed")
class MemberRemoved:
    """A member was removed, or left where `removed_by` is `user_id`. Their profile is not the tenant's any more."""

    tenant_id: UUID
    user_id: UUID
    email: str
    name: str
    locale: str
    removed_by: UUID | None


@event("tenancy.invitation_created")
class InvitationCreated:
    """Somebody was invited."""

    tenant_id: UUID
    invitation_id: UUID
    email: str
    role: str


@event("tenancy.invitation_mail_requested", public=False)
class InvitationMailRequested:
    """The address should be sent `token`, which accepts the invitation; also after each resend."""

    tenant_id: UUID
    invitation_id: UUID
    email: str
    role: str
    token: str
    organization_name: str
    inviter_name: str
    locale: str
    expires_at: datetime


@event("tenancy.export_ready")
class ExportReady:
    """An organization's archive can be downloaded."""

    tenant_id: UUID
    export_id: UUID
    requested_by: UUID | None


@event("tenancy.task_created")
class TaskCreated:
    """A task exists."""

    tenant_id: UUID
    project_id: UUID
    task_id: UUID
    reference: str
    title: str
    created_by: UUID | None


@event("tenancy.task_assigned")
class TaskAssigned:
    """A task is now somebody's."""

    tenant_id: UUID
    task_id: UUID
    reference: str
    title: str
    assignee_id: UUID
    assigned_by: UUID | None


@event("tenancy.task_status_changed")
class TaskStatusChanged:
    """A task has another status."""

    tenant_id: UUID
    task_id: UUID
    reference: str
    old_status: str
    new_status: str


@event("tenancy.task_completed")
class TaskCompleted:
    """A task's status became one of the category `completed`; who made it and who has it may want to know."""

    tenant_id: UUID
    project_id: UUID
    task_id: UUID
    reference: str
    title: str
    completed_by: UUID | None
    created_by: UUID | None
    assignee_id: UUID | None


@event("tenancy.comment_created")
class CommentCreated:
    """Somebody commented on a task; who made the task and who has it may want to know. `excerpt`: its beginning."""

    tenant_id: UUID
    task_id: UUID
    comment_id: UUID
    reference: str
    title: str
    excerpt: str
    author_id: UUID | None
    author_name: str
    created_by: UUID | None
    assignee_id: UUID | None


@event("tenancy.plan_changed")
class PlanChanged:
    """Another plan is in force. `changed_by` is null where the calendar changed it."""

    tenant_id: UUID
    old_plan: str
    new_plan: str
    changed_by: UUID | None


@event("tenancy.entitlement_changed")
class EntitlementChanged:
    """An operator set a feature or quota of the plan for this organization alone, or took that back."""

    tenant_id: UUID
    key: str


@event("tenancy.quota_reached")
class QuotaReached:
    """`percent` (80 or 100) of a day's quota is used; told once each. `hard`: more is refused at 100."""

    tenant_id: UUID
    day: date
    metric: str
    used: int
    limit: int
    percent: int
    hard: bool


@event("tenancy.project_room_wanted")
class ProjectRoomWanted:
    """Somebody wants the project to have a chat room, in which its changes appear."""

    tenant_id: UUID
    project_id: UUID
    name: str
    wanted_by: UUID


@event("tenancy.invoice_due")
class InvoiceDue:
    """An invoice wants to be paid: answer with `actions.collection.invoice_paid` or `invoice_payment_failed`."""

    tenant_id: UUID
    invoice_id: UUID
    number: int
    amount: int
    currency: str
    due_at: datetime


@event("tenancy.invoice_paid")
class InvoicePaid:
    """An invoice that was due is paid; `reference` is what paid it."""

    tenant_id: UUID
    invoice_id: UUID
    number: int
    amount: int
    currency: str
    reference: str


@event("tenancy.invoice_payment_failed")
class InvoicePaymentFailed:
    """A payment of an invoice failed; its owners should be told. It is past due from now."""

    tenant_id: UUID
    invoice_id: UUID
    number: int
    amount: int
    currency: str
    reason: str


@event("tenancy.payment_overdue")
class PaymentOverdue:
    """An invoice is past due for `days` days (1, 3, 7); the owners should be told, and what happens when."""

    tenant_id: UUID
    invoice_id: UUID
    number: int
    amount: int
    currency: str
    days: int
    restricted_at: datetime


@event("tenancy.organization_restricted")
class OrganizationRestricted:
    """The organization may only read until it pays."""

    tenant_id: UUID


@event("tenancy.restriction_lifted")
class RestrictionLifted:
    """The organization has paid and may write again."""

    tenant_id: UUID
