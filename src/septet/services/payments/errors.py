"""Payments' refusals."""

from septet.kernel.errors import NotFound, Problem


class PaymentNotFound(NotFound):
    code, title = "payment_not_found", "No such payment"


class UnknownCurrency(Problem):
    status, code, title = 422, "unknown_currency", "The currency is not known"


class PaymentNotConfirmable(Problem):
    status, code, title = 409, "payment_not_confirmable", "The payment cannot be confirmed"


class PaymentNotCapturable(Problem):
    status, code, title = 409, "payment_not_capturable", "There is nothing to capture"


class PaymentNotCancelable(Problem):
    status, code, title = 409, "payment_not_cancelable", "The payment cannot be canceled"


class PaymentNotRefundable(Problem):
    status, code, title = 409, "payment_not_refundable", "The payment cannot be refunded"


class CaptureExceedsPayment(Problem):
    status, code, title = 409, "capture_exceeds_payment", "More than was authorized"


class RefundExceedsPayment(Problem):
    status, code, title = 409, "refund_exceeds_payment", "More than is left"


class OperationInProgress(Problem):
    status, code, title = 409, "operation_in_progress", "Another operation on the payment is running"

    def __init__(self) -> None:
        super().__init__("Its outcome is about to be known; GET the payment in a moment.", headers={"Retry-After": "1"})


class CardDeclined(Problem):
    """The payment records it, so the transaction is kept."""

    status, code, title = 402, "card_declined", "The card was declined"
    keeps_changes = True


class ProviderRefused(Problem):
    status, code, title = 422, "provider_refused", "The payment provider refused the request"
    keeps_changes = True


class ProviderUnavailable(Problem):
    status, code, title = 503, "provider_unavailable", "The payment provider does not answer"


class NoSavedMethod(NotFound):
    code, title = "no_saved_method", "No payment method is saved"


class NoSimulator(NotFound):
    code, title = "no_simulator", "The payment provider is a real one"


class BadSignature(Problem):
    status, code, title = 400, "bad_signature", "The signature is not valid"


class RepairRefused(Problem):
    status, code, title = 409, "repair_refused", "This cannot be repaired safely by a program"
