"""Tenancy's refusals."""

from septet.kernel.errors import NotFound, Problem


class EmailTaken(Problem):
    status, code, title = 409, "email_taken", "The e-mail address has an account"


class InvalidCredentials(Problem):
    status, code, title = 401, "invalid_credentials", "E-mail address or password is wrong"


class WeakPassword(Problem):
    status, code, title = 422, "weak_password", "The password is too easy to guess"


class WrongPassword(Problem):
    status, code, title = 403, "wrong_password", "The current password is wrong"


class TooManyAttempts(Problem):
    status, code, title = 429, "too_many_attempts", "Too many attempts"


class TokenNotValid(Problem):
    status, code, title = 410, "token_not_valid", "The link was used, replaced or is too old"


class TotpRequired(Problem):
    status, code, title = 401, "totp_required", "The second factor is missing"


class InvalidTotpCode(Problem):
    status, code, title = 401, "invalid_totp_code", "The code is wrong or was used"


class TotpAlreadyOn(Problem):
    status, code, title = 409, "totp_already_on", "The second factor is set up already"


class TotpNotStarted(Problem):
    status, code, title = 409, "totp_not_started", "There is no second factor to confirm"


class PasskeyRefused(Problem):
    status, code, title = 401, "passkey_refused", "The passkey's answer cannot be accepted"


class PasskeyNotFound(NotFound):
    code, title = "passkey_not_found", "No such passkey"


class ExternalSignInOff(NotFound):
    code, title = "external_sign_in_off", "Signing in elsewhere is not set up"


class ExternalSignInRefused(Problem):
    status, code, title = 401, "external_sign_in_refused", "The other site's answer cannot be accepted"


class OwnsOrganizations(Problem):
    status, code, title = 409, "owns_organizations", "The account is the last owner of an organization"


class SlugTaken(Problem):
    status, code, title = 409, "slug_taken", "The slug belongs to another organization"


class LastOwner(Problem):
    status, code, title = 409, "last_owner", "An organization needs an owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner; make somebody else an owner first, or delete the organization.")


class RoleAboveOwn(Problem):
    status, code, title = 403, "role_above_own", "The role is above your own"


class OrganizationNotFound(NotFound):
    code, title = "organization_not_found", "No such organization"


class NotDeleted(Problem):
    status, code, title = 409, "not_deleted", "The organization is not deleted"


class NotEmpty(Problem):
    status, code, title = 409, "not_empty", "The organization is not empty"


class PurgedOrRestored(Problem):
    status, code, title = 409, "purged_or_restored", "The organization is just being purged or restored"


class ArchiveConflict(Problem):
    status, code, title = 409, "archive_conflict", "Something in the archive belongs to another organization here"


class MemberNotFound(NotFound):
    code, title = "member_not_found", "No such member"


class SessionNotFound(NotFound):
    code, title = "session_not_found", "No such session"


class ApiKeyNotFound(NotFound):
    code, title = "api_key_not_found", "No such API key"


class ApiKeyReplaced(Problem):
    status, code, title = 409, "api_key_replaced", "The key was rotated already"


class UnknownScope(Problem):
    status, code, title = 422, "unknown_scope", "There is no such scope"


class AlreadyMember(Problem):
    status, code, title = 409, "already_member", "Already a member"


class InvitationPending(Problem):
    status, code, title = 409, "invitation_pending", "An invitation is on its way"


class TooManyInvitations(Problem):
    status, code, title = 409, "too_many_invitations", "Too many invitations wait for an answer"


class InvitationNotFound(NotFound):
    code, title = "invitation_not_found", "No such invitation"


class InvitationUsed(Problem):
    status, code, title = 409, "invitation_used", "The invitation was accepted already"


class InvitationRevoked(Problem):
    status, code, title = 410, "invitation_revoked", "The invitation was taken back"


class InvitationExpired(Problem):
    status, code, title = 410, "invitation_expired", "The invitation is too old"


class InvitationForOther(Problem):
    status, code, title = 403, "invitation_for_other_email", "The invitation is for another address"


class LogInToAccept(Problem):
    status, code, title = 401, "log_in_to_accept", "The address has an account"


class NameAndPasswordNeeded(Problem):
    status, code, title = 422, "name_and_password_needed", "A new account needs a name and a password"


class SeatLimitReached(Problem):
    status, code, title = 402, "seat_limit_reached", "Every seat is taken"


class PublicMailDomain(Problem):
    status, code, title = 422, "public_mail_domain", "The domain belongs to a public mail provider"


class DomainNotFound(NotFound):
    code, title = "domain_not_found", "No such domain"


class DomainTaken(Problem):
    status, code, title = 409, "domain_taken", "The domain is another organization's"


class DomainNotProven(Problem):
    status, code, title = 409, "domain_not_proven", "The domain's DNS does not carry the record"


class ExportNotFound(NotFound):
    code, title = "export_not_found", "No such export"


class ProjectNotFound(NotFound):
    code, title = "project_not_found", "No such project"


class ProjectKeyTaken(Problem):
    status, code, title = 409, "project_key_taken", "Another project has this key"


class ProjectArchived(Problem):
    status, code, title = 409, "project_archived", "The project is archived"


class TaskNotFound(NotFound):
    code, title = "task_not_found", "No such task"


class CommentNotFound(NotFound):
    code, title = "comment_not_found", "No such comment"


class AttachmentNotFound(NotFound):
    code, title = "attachment_not_found", "No such attachment"


class UnknownStatus(Problem):
    status, code, title = 422, "unknown_status", "The project has no such status"


class StatusInUse(Problem):
    status, code, title = 409, "status_in_use", "Tasks have this status"


class UnknownAssignee(Problem):
    status, code, title = 422, "unknown_assignee", "The assignee is no member"


class NoSuchParent(Problem):
    status, code, title = 422, "no_such_parent", "The task cannot be below that one"


class NotTheAuthor(Problem):
    status, code, title = 403, "not_the_author", "The comment is somebody else's"


class UnknownPlan(Problem):
    status, code, title = 422, "unknown_plan", "There is no such plan"


class SeatsOutOfRange(Problem):
    status, code, title = 422, "seats_out_of_range", "The plan cannot have this number of seats"


class SeatsInUse(Problem):
    status, code, title = 409, "seats_in_use", "More seats are taken"


class PaymentDue(Problem):
    status, code, title = 402, "payment_due", "An invoice waits for payment"


class TrialNotAvailable(Problem):
    status, code, title = 409, "trial_not_available", "There is no trial to begin"


class InvoiceNotFound(NotFound):
    code, title = "invoice_not_found", "No such invoice"


class FlagNotFound(NotFound):
    code, title = "flag_not_found", "No such flag"


class FlagOfPlan(Problem):
    status, code, title = 403, "flag_of_plan", "The plan decides this flag"


class FlagTypeMismatch(Problem):
    status, code, title = 422, "flag_type_mismatch", "The flag's values are of different types"


class OfrepRefused(Problem):
    """In OFREP's words: `errorCode` and `errorDetails`."""

    status, code, title = 400, "invalid_evaluation", "The evaluation request cannot be used"

    def __init__(self, error_code: str, details: str, key: str | None = None) -> None:
        super().__init__(details, errorCode=error_code, errorDetails=details)
        if key is not None:
            self.extra["key"] = key


class OfrepFlagNotFound(OfrepRefused):
    status, code, title = 404, "flag_not_found", "No such flag"
