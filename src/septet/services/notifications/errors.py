"""Notifications' refusals."""

from septet.kernel.errors import NotFound, Problem


class NotificationNotFound(NotFound):
    code, title = "notification_not_found", "No such notification"


class DeliveryNotFound(NotFound):
    code, title = "delivery_not_found", "No such delivery"


class TemplateNotFound(NotFound):
    code, title = "template_not_found", "No such template"


class TemplateExists(Problem):
    status, code, title = 409, "template_exists", "The template exists"


class TemplateIncomplete(Problem):
    """`errors` lists every gap: `email.pl.subject`, a missing variable, a missing plural form."""

    status, code, title = 422, "template_incomplete", "The template is not complete"


class TemplateInvalid(Problem):
    status, code, title = 422, "template_invalid", "The template cannot be read"


class TemplateUnpublished(Problem):
    status, code, title = 409, "template_unpublished", "The template was never published"


class MissingData(Problem):
    status, code, title = 422, "missing_data", "The data lacks variables of the template"


class NoChannel(Problem):
    status, code, title = 422, "no_channel", "No channel can reach the recipient"


class NotCancellable(Problem):
    status, code, title = 409, "not_cancellable", "Everything was sent already"


class NotRetryable(Problem):
    status, code, title = 409, "not_retryable", "The delivery did not fail"


class InboxEntryNotFound(NotFound):
    code, title = "inbox_entry_not_found", "No such inbox entry"


class UserRequired(Problem):
    status, code, title = 403, "user_required", "This belongs to a user, and an API key is none"


class RequiredCategory(Problem):
    status, code, title = 422, "required_category", "The category cannot be turned off"


class UnsubscribeTokenInvalid(NotFound):
    code, title = "unsubscribe_token_invalid", "The link is not valid"


class SubscriptionNotFound(NotFound):
    code, title = "push_subscription_not_found", "No such push subscription"


class SubscriptionInvalid(Problem):
    status, code, title = 422, "push_subscription_invalid", "The push subscription cannot be used"


class WebhookEndpointNotFound(NotFound):
    code, title = "webhook_endpoint_not_found", "No such webhook endpoint"


class WebhookDeliveryNotFound(NotFound):
    code, title = "webhook_delivery_not_found", "No such webhook delivery"


class WebhookAddressRefused(Problem):
    status, code, title = 422, "webhook_address_refused", "Webhooks cannot be sent to this address"


class WebhookSecretInvalid(Problem):
    status, code, title = 422, "webhook_secret_invalid", "The secret cannot be used"


class UnknownEventType(Problem):
    status, code, title = 422, "unknown_event_type", "There is no such event type"


class MailNotFound(NotFound):
    code, title = "mail_not_found", "No such mail"


class SuppressionNotFound(NotFound):
    code, title = "suppression_not_found", "The address is not suppressed"
