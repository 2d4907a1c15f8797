"""The payment provider, through the official `stripe` SDK; pointing it at the real one is a setting.

Every request has an idempotency key made of our own ids, so repeating it is harmless. An answer that is missing, or a
500, leaves the outcome unknown: the same request is sent again, and a 500 that the provider repeats is resolved by
looking for the effect. Only when the effect is not there is the request made under a further key. The provider forgets
keys after a day, so what was begun long ago is looked for before it is sent.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import stripe

from septet.kernel.runtime import Runtime
from septet.services.payments.models import Operation, Payment, Refund
from septet.services.payments.settings import PaymentsSettings

T = TypeVar("T")
EXPANDED = ["latest_charge.balance_transaction"]
FURTHER_KEYS = 3
KEYS_ARE_KNOWN = timedelta(hours=20)
LOOK_BACK_SECONDS = 300


def provider_url(runtime: Runtime) -> str:
    """Where the provider is; no slash at its end."""
    configured = runtime.service_settings(PaymentsSettings).provider_url
    return (configured or f"http://127.0.0.1:{runtime.settings.provider_port}").rstrip("/")


class OutcomeUnknown(Exception):
    """Whether the provider did it is not known yet."""


class Processor:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.service_settings(PaymentsSettings)
        self._client = stripe.StripeClient(
            settings.provider_key.get_secret_value(),
            base_addresses={"api": provider_url(runtime)},
            max_network_retries=settings.provider_retries,
            http_client=stripe.HTTPXClient(timeout=settings.provider_timeout_seconds),
        )
        self.api = self._client.v1
        self._clock = runtime.clock

    async def aclose(self) -> None:
        await self._client._requestor._client.close_async()  # type: ignore[union-attr]

    async def intent_of(self, payment: Payment, begun_at: datetime) -> stripe.PaymentIntent:
        """The payment's intent, made at its first use. Raises OutcomeUnknown, stripe.StripeError."""
        if payment.provider_id is not None:
            return await self.retrieve(payment.provider_id)
        params: Any = {
            "amount": payment.amount,
            "currency": payment.currency.lower(),
            "capture_method": payment.capture_method,
            "payment_method_types": ["card"],
            "metadata": {
                "tenantId": str(payment.tenant_id),
                "paymentId": str(payment.id),
                "orderId": payment.order_id,
            },
        }
        if payment.customer_id:
            params["customer"] = payment.customer_id
        if payment.description:
            params["description"] = payment.description
        return await self._surely(
            f"{payment.id}-intent",
            begun_at,
            lambda options: self.api.payment_intents.create_async(params, options),
            lambda: self._find_intent(payment),
        )

    async def _find_intent(self, payment: Payment) -> stripe.PaymentIntent | None:
        since = int(payment.created_at.timestamp()) - LOOK_BACK_SECONDS
        listed = await self.api.payment_intents.list_async({"created": {"gte": since}, "limit": 100})
        async for intent in listed.auto_paging_iter():
            if metadata_of(intent).get("paymentId") == str(payment.id):
                return intent
        return None

    async def retrieve(self, intent_id: str) -> stripe.PaymentIntent:
        """The intent as it is now, with its last charge. Raises OutcomeUnknown, stripe.StripeError."""
        return await _asked(self.api.payment_intents.retrieve_async(intent_id, {"expand": EXPANDED}))

    async def confirm(
        self, payment: Payment, intent: stripe.PaymentIntent, operation: Operation
    ) -> stripe.PaymentIntent:
        """Attempt the payment. Raises OutcomeUnknown, stripe.CardError, stripe.StripeError."""
        before = _last_charge(intent)
        params: Any = {"payment_method": operation.parameters["payment_method"], "expand": EXPANDED}
        if return_url := operation.parameters.get("return_url"):
            params["return_url"] = return_url
        if payment.payer_id is not None:
            params["off_session"] = True  # nobody is there to authenticate
        return await self._surely(
            f"{operation.id}-confirm",
            operation.started_at,
            lambda options: self.api.payment_intents.confirm_async(intent.id, params, options),
            lambda: self._changed(intent.id, lambda now: now.status in _ATTEMPTED or _last_charge(now) != before),
        )

    async def capture(self, payment: Payment, operation: Operation) -> stripe.PaymentIntent:
        """Take what was authorized. Raises OutcomeUnknown, stripe.StripeError."""
        assert payment.provider_id is not None
        intent_id = payment.provider_id
        params: Any = {"expand": EXPANDED}
        if amount := operation.parameters.get("amount"):
            params["amount_to_capture"] = amount
        return await self._surely(
            f"{operation.id}-capture",
            operation.started_at,
            lambda options: self.api.payment_intents.capture_async(intent_id, params, options),
            lambda: self._changed(intent_id, lambda now: now.status == "succeeded"),
        )

    async def cancel(self, payment: Payment, operation: Operation) -> stripe.PaymentIntent:
        """Give the payment up. Raises OutcomeUnknown, stripe.StripeError."""
        assert payment.provider_id is not None
        intent_id = payment.provider_id
        return await self._surely(
            f"{operation.id}-cancel",
            operation.started_at,
            lambda options: self.api.payment_intents.cancel_async(intent_id, {"expand": EXPANDED}, options),
            lambda: self._changed(intent_id, lambda now: now.status == "canceled"),
        )

    async def refund(self, payment: Payment, refund: Refund) -> stripe.Refund:
        """Give money back. Raises OutcomeUnknown, stripe.StripeError."""
        assert payment.provider_id is not None
        params: Any = {
            "payment_intent": payment.provider_id,
            "amount": refund.amount,
            "metadata": {
                "tenantId": str(payment.tenant_id),
                "paymentId": str(payment.id),
                "refundId": str(refund.id),
            },
        }
        if refund.reason:
            params["reason"] = refund.reason

        async def found() -> stripe.Refund | None:
            return next((each for each in await self.refunds(payment) if _refund_id(each) == str(refund.id)), None)

        return await self._surely(
            f"{refund.id}-refund",
            refund.created_at,
            lambda options: self.api.refunds.create_async(params, options),
            found,
        )

    async def refunds(self, payment: Payment) -> list[stripe.Refund]:
        """All refunds of the payment at the provider, oldest first. Raises OutcomeUnknown, stripe.StripeError."""
        assert payment.provider_id is not None

        async def all_of() -> list[stripe.Refund]:
            listed = await self.api.refunds.list_async({"payment_intent": payment.provider_id or "", "limit": 100})
            return [refund async for refund in listed.auto_paging_iter()]

        return (await _asked(all_of()))[::-1]

    async def payment_method_of(self, card: dict[str, Any]) -> str:
        """Hand a card to the provider; its id is all that we keep. Raises OutcomeUnknown, stripe.CardError."""
        params: Any = {"type": "card", "card": card}
        made = await _asked(self.api.payment_methods.create_async(params))
        return made.id

    async def customer_of(self, tenant_id: UUID, known: str | None) -> str:
        """The organization as a customer, made anew if it is gone. Raises OutcomeUnknown, stripe.StripeError."""
        if known is not None:
            try:
                found = await _asked(self.api.customers.retrieve_async(known))
                if not getattr(found, "deleted", False):
                    return found.id
            except stripe.InvalidRequestError:
                pass  # the provider has forgotten it
        made = await _asked(self.api.customers.create_async({"metadata": {"tenantId": str(tenant_id)}}))
        return made.id

    async def keep(self, customer_id: str, method_id: str) -> stripe.SetupIntent:
        """Attach a payment method to the customer, to be charged in its absence, with the method expanded.

        Raises OutcomeUnknown, stripe.CardError, stripe.StripeError.
        """
        params: Any = {"customer": customer_id, "payment_method": method_id, "payment_method_types": ["card"]}
        params |= {"usage": "off_session", "confirm": True, "expand": ["payment_method"]}
        return await _asked(self.api.setup_intents.create_async(params))

    async def release(self, method_id: str) -> None:
        """Have the provider forget a payment method. Raises OutcomeUnknown, stripe.StripeError."""
        await _asked(self.api.payment_methods.detach_async(method_id))

    async def balance_transactions(self, since: datetime, until: datetime) -> list[stripe.BalanceTransaction]:
        """What moved on the balance in the range, with its source. Raises OutcomeUnknown, stripe.StripeError."""

        async def all_of() -> list[stripe.BalanceTransaction]:
            created: Any = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
            listed = await self.api.balance_transactions.list_async(
                {"created": created, "limit": 100, "expand": ["data.source"]}
            )
            return [each async for each in listed.auto_paging_iter()]

        return await _asked(all_of())

    async def _changed(
        self, intent_id: str, done: Callable[[stripe.PaymentIntent], bool]
    ) -> stripe.PaymentIntent | None:
        now = await self.retrieve(intent_id)
        return now if done(now) else None

    async def _surely(
        self,
        key: str,
        begun_at: datetime,
        send: Callable[[Any], Awaitable[T]],
        look: Callable[[], Awaitable[T | None]],
    ) -> T:
        """Send until the outcome is known; a 500 that stays is resolved by looking for the effect."""
        if self._clock.now() - begun_at > KEYS_ARE_KNOWN and (done := await _asked(look())) is not None:
            return done
        for number in range(FURTHER_KEYS):
            try:
                return await _asked(send({"idempotency_key": f"{key}-{number}"}))
            except _Failed:
                if (found := await _asked(look())) is not None:
                    return found
        raise OutcomeUnknown(f"the provider failed {FURTHER_KEYS} times")


_ATTEMPTED = ("succeeded", "requires_capture", "requires_action", "processing", "canceled")


class _Failed(OutcomeUnknown):
    """The provider answered 500: it is done with this request, and will say the same again for the same key."""


async def _asked(answer: Awaitable[T]) -> T:
    """The answer. Raises OutcomeUnknown when there is none that can be relied on, else what the SDK raises."""
    try:
        return await answer
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.IdempotencyError) as error:
        raise OutcomeUnknown(str(error)) from error
    except stripe.APIError as error:
        if error.http_status is not None and error.http_status >= 500:
            raise _Failed(str(error)) from error
        raise OutcomeUnknown(str(error)) from error


def _last_charge(intent: stripe.PaymentIntent) -> str | None:
    charge = intent.latest_charge
    return charge if charge is None or isinstance(charge, str) else charge.id


def _refund_id(refund: stripe.Refund) -> str | None:
    return metadata_of(refund).get("refundId")


def metadata_of(subject: Any) -> dict[str, str]:
    """What we wrote on an object of the provider; empty where nobody did."""
    metadata = getattr(subject, "metadata", None)
    return dict(metadata.to_dict()) if metadata else {}


def processor_of(runtime: Runtime) -> Processor:
    """This process's processor."""
    return runtime.shared(Processor)
