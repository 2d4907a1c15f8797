"""Parameters of the operations. Where Stripe has many more, those are accepted and ignored (see `parameters`)."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from septet.services.provider.parameters import Amount, Metadata, Nothing, Parameters, Text

__all__ = ["Nothing"]

Json = dict[str, Any]
Flag = bool
Id = Annotated[str, Field(max_length=255)]


def _unset(value: Any) -> Any:
    """An empty string unsets a parameter."""
    return None if value == "" else value


Optional = Annotated[Text | None, BeforeValidator(_unset)]
OptionalId = Annotated[Id | None, BeforeValidator(_unset)]


class CreatedRange(Parameters):
    """Bounds of a time of creation, in seconds since 1970."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None


class Listed(Parameters):
    """What every list takes."""

    limit: int = Field(10, ge=1, le=100, description="How many objects at most.")
    starting_after: Id | None = Field(None, description="The id of the last object of the page before.")
    ending_before: Id | None = Field(None, description="The id of the first object of the page after.")
    created: int | CreatedRange | None = Field(None, description="A time of creation, or bounds of it.")


class Search(Parameters):
    """A query such as `metadata['order']:'42' AND status:'succeeded'`."""

    query: Text = Field(description="Clauses joined by AND, or by OR.")
    limit: int = Field(10, ge=1, le=100, description="How many objects at most.")
    page: Id | None = Field(None, description="`next_page` of the page before.")


class CardDetails(Parameters):
    """A test card. Never send a real one."""

    number: str | None = Field(None, description="12 to 19 digits; blanks are ignored.")
    exp_month: int | None = Field(None, description="1 to 12.")
    exp_year: int | None = Field(None, description="Two or four digits.")
    cvc: str | None = Field(None, description="Three or four digits.")
    token: str | None = Field(None, description="A test token such as `tok_visa`, instead of a number.")


class PaymentMethodCreate(Parameters):
    type: Literal["card"] = Field("card", description="Only cards are simulated.")
    card: CardDetails | None = Field(None, description="The card.")
    billing_details: Json | None = None
    metadata: Metadata | None = None


class PaymentMethodUpdate(Parameters):
    billing_details: Json | None = None
    metadata: Metadata | None = None
    card: Json | None = None


class PaymentMethodAttach(Parameters):
    customer: Id


class PaymentMethodList(Listed):
    customer: Id | None = None
    type: Text | None = None


class PaymentIntentConfirm(Parameters):
    payment_method: OptionalId = Field(None, description="A payment method, or a test token such as `pm_card_visa`.")
    payment_method_data: PaymentMethodCreate | None = None
    off_session: Flag | Literal["one_off", "recurring"] | None = Field(None, description="The customer is not there.")
    return_url: Optional = Field(None, description="Where the authentication page leads back to.")
    setup_future_usage: Annotated[Literal["on_session", "off_session"] | None, BeforeValidator(_unset)] = None
    receipt_email: Optional = None
    error_on_requires_action: Flag = False
    capture_method: Literal["automatic", "automatic_async", "manual"] | None = None


class AutomaticPaymentMethods(Parameters):
    enabled: Flag = True
    allow_redirects: Literal["always", "never"] = "always"


class PaymentIntentCreate(PaymentIntentConfirm):
    amount: Amount
    currency: Text
    confirm: Flag = Field(False, description="Confirm at once.")
    customer: OptionalId = None
    description: Optional = None
    metadata: Metadata | None = None
    confirmation_method: Literal["automatic", "manual"] = "automatic"
    payment_method_types: list[Text] | None = None
    automatic_payment_methods: AutomaticPaymentMethods | None = None
    statement_descriptor: Optional = None
    statement_descriptor_suffix: Optional = None
    shipping: Json | None = None


class PaymentIntentUpdate(Parameters):
    amount: Amount | None = None
    currency: Text | None = None
    customer: OptionalId = None
    description: Optional = None
    metadata: Metadata | None = None
    payment_method: OptionalId = None
    receipt_email: Optional = None
    setup_future_usage: Annotated[Literal["on_session", "off_session"] | None, BeforeValidator(_unset)] = None
    statement_descriptor: Optional = None
    shipping: Json | None = None


class PaymentIntentCapture(Parameters):
    amount_to_capture: Amount | None = Field(None, description="Less than authorized releases the rest.")
    metadata: Metadata | None = None


class PaymentIntentCancel(Parameters):
    cancellation_reason: Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned"] | None = None


class PaymentIntentList(Listed):
    customer: Id | None = None


class SetupIntentCreate(Parameters):
    customer: OptionalId = None
    payment_method: OptionalId = None
    payment_method_data: PaymentMethodCreate | None = None
    confirm: Flag = False
    usage: Literal["off_session", "on_session"] = "off_session"
    description: Optional = None
    metadata: Metadata | None = None
    return_url: Optional = None
    payment_method_types: list[Text] | None = None


class SetupIntentConfirm(Parameters):
    payment_method: OptionalId = None
    payment_method_data: PaymentMethodCreate | None = None
    return_url: Optional = None


class CustomerCreate(Parameters):
    name: Optional = None
    email: Optional = None
    phone: Optional = None
    description: Optional = None
    metadata: Metadata | None = None
    address: Json | None = None
    shipping: Json | None = None
    payment_method: OptionalId = None
    invoice_settings: Json | None = None


class CustomerList(Listed):
    email: Text | None = None


class ChargeList(Listed):
    customer: Id | None = None
    payment_intent: Id | None = None


class Described(Parameters):
    """Fields that may change on objects of record."""

    description: Optional = None
    metadata: Metadata | None = None


class RefundCreate(Parameters):
    charge: Id | None = None
    payment_intent: Id | None = None
    amount: Amount | None = Field(None, description="All that is left, when left away.")
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: Metadata | None = None


class RefundList(Listed):
    charge: Id | None = None
    payment_intent: Id | None = None


class DisputeUpdate(Parameters):
    evidence: Json | None = Field(
        None, description="`uncategorized_text` `winning_evidence` wins, `losing_evidence` loses."
    )
    submit: Flag = True
    metadata: Metadata | None = None


class BalanceTransactionList(Listed):
    type: Text | None = None
    source: Id | None = None
    currency: Text | None = None


class EventList(Listed):
    type: Text | None = None
    types: list[Text] | None = None


class WebhookEndpointCreate(Parameters):
    url: Text
    enabled_events: list[Text] = Field(min_length=1, description="Event types, or `*`.")
    description: Optional = None
    metadata: Metadata | None = None


class WebhookEndpointUpdate(Parameters):
    url: Text | None = None
    enabled_events: list[Text] | None = Field(None, min_length=1)
    disabled: Flag | None = None
    description: Optional = None
    metadata: Metadata | None = None


class ProductCreate(Parameters):
    name: Text
    description: Optional = None
    active: Flag = True
    metadata: Metadata | None = None
    default_price_data: Json | None = None


class ProductUpdate(Parameters):
    name: Text | None = None
    description: Optional = None
    active: Flag | None = None
    metadata: Metadata | None = None
    default_price: OptionalId = None


class Recurring(Parameters):
    interval: Literal["day", "week", "month", "year"]
    interval_count: int = Field(1, ge=1, le=156)


class ProductData(Parameters):
    name: Text
    metadata: Metadata | None = None


class PriceCreate(Parameters):
    currency: Text
    unit_amount: int = Field(ge=0, le=99_999_999, description="In the currency's smallest unit.")
    product: Id | None = None
    product_data: ProductData | None = None
    recurring: Recurring | None = None
    nickname: Optional = None
    active: Flag = True
    metadata: Metadata | None = None


class PriceUpdate(Parameters):
    active: Flag | None = None
    nickname: Optional = None
    metadata: Metadata | None = None


class PriceList(Listed):
    product: Id | None = None
    active: Text | None = None


class FaultCreate(Parameters):
    operation: str = Field(
        "*", max_length=100, description="`*`, `payment_intents.confirm`, `refunds.*`, or an event type."
    )
    kind: Literal[
        "latency", "timeout_after_success", "error_before_commit", "error_after_commit", "rate_limited",
        "connection_reset", "webhook_delayed", "webhook_duplicated", "webhook_reordered", "webhook_dropped",
        "webhook_bad_signature", "webhook_altered",
    ] = Field(description="What goes wrong.")  # fmt: skip
    probability: float | None = Field(None, ge=0, le=1, description="Of each request or delivery; 1 when left away.")
    next: int | None = Field(None, ge=1, le=1_000_000, description="Only the next so many.")
    delay_ms: int | None = Field(
        None, alias="delayMs", ge=0, le=600_000, description="Of latency, timeouts and late webhooks."
    )
    seed: int = Field(0, ge=-(2**62), le=2**62, description="The same seed draws the same.")


class ClockAdvance(Parameters):
    seconds: float = Field(ge=0, le=10 * 366 * 86_400, description="By how much to move the account's clock forward.")


class Reset(Parameters):
    webhook_endpoints: bool = Field(
        False, alias="webhookEndpoints", description="Forget the webhook endpoints as well."
    )


class SnapshotRestore(Parameters):
    id: str = Field(description="The snapshot's id.")


class TraceQuery(Parameters):
    limit: int = Field(1000, ge=1, le=10_000, description="How many entries at most.")
    after: int = Field(0, ge=0, description="Only entries with a greater sequence.")


class DeliveryQuery(Parameters):
    event: Id | None = Field(None, description="Only deliveries of this event.")
    limit: int = Field(100, ge=1, le=1000, description="How many deliveries at most.")
