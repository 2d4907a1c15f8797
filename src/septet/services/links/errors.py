"""The refusals of links."""

from septet.kernel.errors import NotFound, Problem, TooManyRequests


class AliasTaken(Problem):
    status, code, title = 409, "alias_taken", "The alias leads elsewhere already"


class UnsafeTarget(Problem):
    status, code, title = 422, "unsafe_target", "Links may not lead there"


class LinkNotFound(NotFound):
    code, title = "link_not_found", "No such link"


class LinkGone(Problem):
    status, code, title = 410, "link_gone", "The link no longer leads anywhere"


class PasswordRequired(Problem):
    status, code, title = 401, "password_required", "The link is protected by a password"


class TooManyMisses(TooManyRequests):
    code, title = "too_many_misses", "Too many unknown codes from this address"


class TooManyAttempts(TooManyRequests):
    code, title = "too_many_attempts", "Too many passwords from this address"


class TooManyReports(TooManyRequests):
    code, title = "too_many_reports", "Too many reports from this address"


class DomainNotFound(NotFound):
    code, title = "domain_not_found", "No such domain"


class DomainTaken(Problem):
    status, code, title = 409, "domain_taken", "The domain belongs to an organization already"


class DomainUnverified(Problem):
    status, code, title = 409, "domain_unverified", "The domain is not proven to be yours"


class DomainInUse(Problem):
    status, code, title = 409, "domain_in_use", "The domain still has links"


class UnreadableImport(Problem):
    status, code, title = 422, "unreadable_import", "The file cannot be read as this format"
