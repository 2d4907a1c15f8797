"""Facts that payments publishes. Amounts are in the currency's smallest unit."""

from uuid import UUID

from septet.kernel.events import event


@event("payments.payment_succeeded")
class PaymentSucceeded:
    """The money of an order was captured."""

    tenant_id: UUID
    payment_id: UUID
    order_id: str
    amount: int
    currency: str


@event("payments.payment_failed")
class PaymentFailed:
    """An attempt was refused, or the payment was canceled (`detail` is `canceled`; that is final)."""

    tenant_id: UUID
    payment_id: UUID
    order_id: str
    amount: int
    currency: str
    detail: str
    decline_code: str | None


@event("payments.payment_refunded")
class PaymentRefunded:
    """Money was given back; `refunded_amount` is the total so far."""

    tenant_id: UUID
    payment_id: UUID
    order_id: str
    refund_id: UUID
    amount: int
    currency: str
    refunded_amount: int
    in_full: bool


@event("payments.charge_succeeded")
class ChargeSucceeded:
    """The organization's saved payment method was charged for what `reference` names."""

    tenant_id: UUID
    reference: str
    payment_id: UUID
    amount: int
    currency: str


@event("payments.charge_failed")
class ChargeFailed:
    """The saved payment method could not be charged; `reason` is a decline code, or no_payment_method."""

    tenant_id: UUID
    reference: str
    payment_id: UUID | None
    amount: int
    currency: str
    reason: str


@event("payments.method_saved")
class PaymentMethodSaved:
    """The organization saved a payment method; what it owes can be charged again."""

    tenant_id: UUID
    brand: str
    last4: str


@event("payments.reconciliation_found_discrepancies")
class ReconciliationFoundDiscrepancies:
    """The daily comparison with the provider found differences; `day` is the UTC day, YYYY-MM-DD."""

    tenant_id: UUID
    day: str
    discrepancies: int
