"""Payments on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from septet.kernel.wire import ShortText, Wire
from septet.services.payments.states import Status

LARGEST_AMOUNT = 99_999_999
Amount = Annotated[
    int, Field(strict=True, ge=1, le=LARGEST_AMOUNT, description="In the currency's smallest unit.", examples=[2000])
]
Currency = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$"),
    Field(description="ISO 4217 code.", examples=["USD"]),
]
Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, Field(max_length=500)]],
    Field(max_length=40, description="Up to 40 keys of 40 characters, with values of up to 500."),
]


class PaymentCreate(Wire):
    """A new payment for an order."""

    order_id: ShortText = Field(
        description="The order's id in the shop; several payments may name one order.", examples=["order-42"]
    )
    amount: Amount
    currency: Currency
    capture_method: Literal["automatic", "manual"] = Field(
        "automatic", description="`manual` only authorizes at first."
    )
    description: ShortText | None = Field(None, description="For people.")
    metadata: Metadata = Field(default_factory=dict)


class Card(Wire):
    """A card. It is handed to the provider and never stored."""

    number: str = Field(
        min_length=12,
        max_length=32,
        pattern=r"^[0-9 -]+$",
        description="The card's number.",
        examples=["4242424242424242"],
    )
    exp_month: int = Field(ge=1, le=12, description="Month of expiry.", examples=[12])
    exp_year: int = Field(ge=0, le=9999, description="Year of expiry, two or four digits.", examples=[2034])
    cvc: str | None = Field(None, pattern=r"^[0-9]{3,4}$", description="The security code.", examples=["123"])

    def given(self) -> dict[str, str | int]:
        """As the provider wants it."""
        return self.model_dump(exclude_none=True)


class CardMethod(Wire):
    """A card as a payment method."""

    card: Card = Field(description="The card.")


MethodId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_]+$")
]


class Confirm(Wire):
    """Attempt the payment."""

    payment_method: MethodId | CardMethod = Field(
        description="A payment method of the provider, a test token such as `pm_card_visa`, or a card.",
        examples=["pm_card_visa"],
    )
    return_url: str | None = Field(
        None, max_length=2000, pattern=r"^https?://", description="Where the bank's authentication leads back to."
    )


class SavedMethodPut(Wire):
    """The payment method to charge from now on."""

    payment_method: MethodId | CardMethod = Field(
        description="A payment method of the provider, a test token such as `pm_card_visa`, or a card.",
        examples=["pm_card_visa"],
    )


class SavedMethodOut(Wire):
    """The saved payment method, as far as it may be shown."""

    brand: str = Field(description="The card's brand, such as visa.")
    last4: str = Field(description="The last four digits of its number.")
    exp_month: int = Field(description="Month of expiry.")
    exp_year: int = Field(description="Year of expiry.")
    saved_at: datetime = Field(description="When it was saved.")


class Capture(Wire):
    """Take what was authorized."""

    amount: Amount | None = Field(None, description="Less than authorized releases the rest; all when left away.")


class RefundCreate(Wire):
    """Give money back."""

    amount: Amount | None = Field(None, description="All that is left, when left away.")
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = Field(None, description="Why.")


class PaymentOut(Wire):
    """A payment."""

    id: UUID = Field(description="The payment's id.")
    order_id: str = Field(description="The order's id in the shop.")
    amount: int = Field(description="What is asked for, in the currency's smallest unit.")
    currency: str = Field(description="ISO 4217 code.")
    status: Status = Field(description="PENDING, SUCCESS, FAILED or REFUNDED.")
    detail: str = Field(
        description="Finer than the status: requires_payment_method, requires_action, requires_capture, processing, "
        "succeeded, partially_refunded, refunded, declined, canceled."
    )
    captured_amount: int = Field(description="What was taken.")
    refunded_amount: int = Field(description="What was given back.")
    capture_method: str = Field(description="automatic or manual.")
    description: str | None = Field(description="For people.")
    metadata: dict[str, str] = Field(description="As it was given.", validation_alias="details")
    decline_code: str | None = Field(description="Why the last attempt was refused.")
    next_action_url: str | None = Field(
        description="The page on which the customer authenticates, for `requires_action`."
    )
    provider_id: str | None = Field(description="The payment intent's id at the provider.")
    created_at: datetime = Field(description="When it was created.")
    updated_at: datetime = Field(description="When it last changed.")


class TransitionOut(Wire):
    """A change of status."""

    from_status: Status | None = Field(serialization_alias="from", description="The status before; null at creation.")
    to_status: Status = Field(serialization_alias="to", description="The status after.")
    detail: str = Field(description="The finer state after it.")
    cause: str = Field(description="caller, webhook, recovery or reconciliation.")
    at: datetime = Field(description="When.")


class LedgerLine(Wire):
    """One line of the double-entry ledger."""

    account: str = Field(description="customer, provider_clearing, merchant, fees or refunds.")
    debit: int = Field(description="In the currency's smallest unit.")
    credit: int = Field(description="In the currency's smallest unit.")
    currency: str = Field(description="ISO 4217 code.")
    kind: str = Field(description="charge, fee, refund or adjustment.")
    reference: str = Field(description="The provider's id of what moved the money.")
    transaction_id: UUID = Field(description="Lines with the same id balance.")
    at: datetime = Field(description="When it was booked.")


class RefundOut(Wire):
    """A refund."""

    id: UUID = Field(description="The refund's id.")
    payment_id: UUID = Field(description="The payment's id.")
    amount: int = Field(description="In the currency's smallest unit.")
    reason: str | None = Field(description="Why.")
    status: str = Field(description="pending, succeeded or failed.")
    failure: str | None = Field(description="Why it failed.")
    provider_id: str | None = Field(description="The refund's id at the provider.")
    created_at: datetime = Field(description="When it was asked for.")


class PaymentDetails(PaymentOut):
    """A payment with its history."""

    transitions: list[TransitionOut] = Field(description="Every change of status, oldest first.")
    ledger: list[LedgerLine] = Field(description="What was booked, oldest first; debits and credits are equal.")
    refunds: list[RefundOut] = Field(description="Its refunds, oldest first.")


class PaymentTotal(Wire):
    """What payments in one currency and status add up to, in the currency's smallest unit."""

    currency: str = Field(description="ISO 4217 code.")
    status: Status = Field(description="The status that they are in now.")
    count: int = Field(description="How many payments.")
    amount: int = Field(description="What was asked for.")
    captured_amount: int = Field(description="What was taken.")
    refunded_amount: int = Field(description="What was given back.")


class PaymentTotals(Wire):
    """The payments that were made in a range of time, summed up."""

    data: list[PaymentTotal] = Field(description="One entry a currency and status that occurs.")


class BalanceOut(Wire):
    """What an account of the ledger holds in one currency."""

    account: str = Field(description="customer, provider_clearing, merchant, fees or refunds.")
    currency: str = Field(description="ISO 4217 code.")
    debit: int = Field(description="Sum of debits.")
    credit: int = Field(description="Sum of credits.")
    balance: int = Field(description="Debits less credits; over all accounts of a currency it is zero.")


class Balances(Wire):
    """The ledger's balances."""

    data: list[BalanceOut] = Field(description="One entry an account and currency.")


class Received(Wire):
    """The event is stored."""

    received: bool = Field(True, description="Always true.")


Kind = Literal["missing_here", "missing_there", "amount_differs", "duplicate", "late"]


class Discrepancy(Wire):
    """One difference between our ledger and the provider's balance transactions."""

    kind: Kind = Field(description="missing_here, missing_there, amount_differs, duplicate or late.")
    payment_id: UUID | None = Field(description="The payment, where it is known.")
    provider_id: str | None = Field(description="The charge or refund at the provider.")
    currency: str = Field(description="ISO 4217 code.")
    expected: int | None = Field(description="What our ledger says; null for nothing. Refunds are negative.")
    found: int | None = Field(description="What the provider says; null for nothing.")
    explanation: str = Field(description="In a sentence.")
    repairable: bool = Field(description="Whether POST /payments/reconciliation/repairs mends it.")


class Totals(Wire):
    """Sums over the range in one currency, refunds subtracted."""

    currency: str = Field(description="ISO 4217 code.")
    here: int = Field(description="By our ledger.")
    there: int = Field(description="By the provider.")


class FaultWanted(Wire):
    """Something that is to go wrong at the fake provider."""

    operation: str = Field(
        "*", max_length=100, description="`*`, an operation, or a group of them.", examples=["payment_intents.confirm"]
    )
    kind: str = Field(max_length=50, description="What goes wrong.", examples=["timeout_after_success"])
    probability: float | None = Field(None, ge=0, le=1, description="How likely it is, each time; certain unless said.")
    next: int | None = Field(None, ge=1, le=1_000_000, description="How many times; until removed unless said.")
    delay_ms: int | None = Field(None, ge=0, le=600_000, description="For faults that take time, in milliseconds.")
    seed: int = Field(0, ge=-(2**63), lt=2**63, description="The same seed gives the same faults.")


class FaultOut(FaultWanted):
    """Something that goes wrong at the fake provider."""

    id: UUID = Field(description="The fault's id.")
    draws: int = Field(description="How often it was decided whether it happens.")


class Faults(Wire):
    """What goes wrong at the fake provider."""

    data: list[FaultOut] = Field(description="The oldest first.")


class Draw(Wire):
    """A decision whether a fault happens."""

    sequence: int = Field(description="Its number in the trace.")
    operation: str = Field(description="The operation, or the event's type.")
    kind: str = Field(description="What would go wrong.")
    draw: float = Field(description="What was drawn from the seed; below the probability it happens.")
    applied: bool = Field(description="Whether it happened.")


class Trace(Wire):
    """Every decision whether a fault happens."""

    data: list[Draw] = Field(description="In order.")


class ReconciliationReport(Wire):
    """Our ledger beside the provider's balance transactions."""

    from_: datetime = Field(serialization_alias="from", description="Start of the range.")
    to: datetime = Field(description="End of the range, exclusive.")
    matched: int = Field(description="Movements that both sides have alike.")
    discrepancies: list[Discrepancy] = Field(description="All others.")
    totals: list[Totals] = Field(description="Sums per currency.")


class RepairRequest(Wire):
    """A discrepancy to mend."""

    kind: Kind = Field(description="The discrepancy's kind.")
    payment_id: UUID | None = Field(None, description="The discrepancy's payment.")
    provider_id: str | None = Field(
        None, max_length=255, description="The discrepancy's charge or refund at the provider."
    )

    @model_validator(mode="after")
    def _names_something(self) -> "RepairRequest":
        if self.payment_id is None and self.provider_id is None:
            raise ValueError("name the discrepancy by `paymentId` or `providerId`")
        return self
