"""Payment intents: created, confirmed, authenticated, captured, canceled.

`requires_payment_method → requires_confirmation → [requires_action] → [requires_capture] → succeeded`, or `canceled`;
a refused attempt leads back to `requires_payment_method`.
"""

from typing import Any

from septet.services.provider.actions.charges import capture_charge, charge, failed_charge, release_charge
from septet.services.provider.actions.payment_methods import card_of, merged, of_id_or_token
from septet.services.provider.actions.payment_methods import create as create_payment_method
from septet.services.provider.call import Call
from septet.services.provider.cards import AUTHENTICATION_REQUIRED, Card, Decline, card_of_amount
from septet.services.provider.currencies import CURRENCIES, THREE_DECIMAL
from septet.services.provider.errors import CardError, InvalidRequest, ResourceMissing
from septet.services.provider.identifiers import random_text
from septet.services.provider.schemas import (
    PaymentIntentCancel,
    PaymentIntentCapture,
    PaymentIntentConfirm,
    PaymentIntentCreate,
    PaymentIntentUpdate,
)

Json = dict[str, Any]
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
UPDATABLE = (*CONFIRMABLE, "requires_capture")
CANCELABLE = (*CONFIRMABLE, "requires_capture", "processing")
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
)


async def create(call: Call, params: PaymentIntentCreate) -> Json:
    """A new intent, confirmed at once where asked for. Raises InvalidRequest, ResourceMissing, CardError."""
    currency = checked_currency(params.currency, params.amount)
    await _require_customer(call, params.customer)
    if params.off_session and not params.confirm:
        raise InvalidRequest("off_session can only be used with confirm=true.", param="off_session")
    intent = _made(call, params, currency)
    call.emit("payment_intent.created", intent)
    await _choose_method(call, intent, params)
    return await _confirmed(call, intent, params) if params.confirm else intent


def checked_currency(currency: str, amount: int | None) -> str:
    """The code in lower case. Raises InvalidRequest for an unknown one, or an amount that it cannot express."""
    code = currency.lower()
    if code not in CURRENCIES:
        raise InvalidRequest(f"Invalid currency: {code}. Send a three-letter ISO 4217 code.", param="currency")
    if code in THREE_DECIMAL and amount is not None and amount % 10:
        raise InvalidRequest(f"Amounts in {code} must end with 0: its smallest charge unit is ten.", param="amount")
    return code


async def _require_customer(call: Call, customer: str | None) -> None:
    if customer is not None and (await call.get("customer", customer, param="customer")).get("deleted"):
        raise ResourceMissing("customer", customer, "customer")


def _made(call: Call, params: PaymentIntentCreate, currency: str) -> Json:
    intent = call.new(
        "payment_intent",
        amount=params.amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        application=None,
        application_fee_amount=None,
        automatic_payment_methods=params.automatic_payment_methods and params.automatic_payment_methods.model_dump(),
        canceled_at=None,
        cancellation_reason=None,
        capture_method=params.capture_method or "automatic",
        confirmation_method=params.confirmation_method,
        currency=currency,
        customer=params.customer,
        description=params.description,
        last_payment_error=None,
        latest_charge=None,
        metadata=merged({}, params.metadata),
        next_action=None,
        on_behalf_of=None,
        payment_method=None,
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=params.payment_method_types or ["card"],
        processing=None,
        receipt_email=params.receipt_email,
        review=None,
        setup_future_usage=params.setup_future_usage,
        shipping=params.shipping,
        statement_descriptor=params.statement_descriptor,
        statement_descriptor_suffix=params.statement_descriptor_suffix,
        status="requires_payment_method",
        transfer_data=None,
        transfer_group=None,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{random_text(25)}"
    return intent


async def _choose_method(call: Call, intent: Json, params: PaymentIntentConfirm) -> None:
    """Set the payment method that the request brings, in whichever form."""
    if params.payment_method is not None:
        method = await of_id_or_token(call, params.payment_method)
    elif params.payment_method_data is not None:
        method = await create_payment_method(call, params.payment_method_data)
    else:
        return
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise InvalidRequest(
            f"The customer does not have a payment method with the ID {method['id']}: it belongs to another customer.",
            param="payment_method",
        )
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


async def update(call: Call, params: PaymentIntentUpdate) -> Json:
    """Change an intent that is not yet paid. Raises InvalidRequest."""
    intent = dict(await call.target("payment_intent"))
    _require_status(intent, UPDATABLE, "updated")
    if intent["status"] == "requires_capture" and params.amount not in (None, intent["amount"]):
        raise InvalidRequest("The amount cannot be changed once it is authorized.", param="amount")
    currency = checked_currency(params.currency or intent["currency"], params.amount or intent["amount"])
    await _require_customer(call, params.customer)
    given = params.model_fields_set - {"metadata", "payment_method", "currency"}
    intent |= {name: getattr(params, name) for name in given} | {"currency": currency}
    intent["metadata"] = merged(intent["metadata"], params.metadata)
    call.save(intent)
    await _choose_method(call, intent, PaymentIntentConfirm(payment_method=params.payment_method))
    return intent


async def confirm(call: Call, params: PaymentIntentConfirm) -> Json:
    """Attempt the payment. Raises InvalidRequest, ResourceMissing, CardError."""
    intent = dict(await call.target("payment_intent"))
    _require_status(intent, CONFIRMABLE, "confirmed")
    call.save(intent)
    await _choose_method(call, intent, params)
    return await _confirmed(call, intent, params)


def _require_status(intent: Json, accepted: tuple[str, ...], verb: str) -> None:
    if intent["status"] in accepted:
        return
    raise InvalidRequest(
        f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}. Only a PaymentIntent "
        f"with one of the following statuses may be {verb}: {', '.join(accepted)}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


async def _confirmed(call: Call, intent: Json, params: PaymentIntentConfirm) -> Json:
    if intent["payment_method"] is None:
        raise InvalidRequest(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with one.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    for name in ("capture_method", "receipt_email", "setup_future_usage"):
        if (given := getattr(params, name)) is not None:
            intent[name] = given
    method = await call.get("payment_method", intent["payment_method"], param="payment_method")
    card = card_of_amount(intent["amount"]) or card_of(method)
    if card.decline is None and _must_authenticate(card, method, params):
        if params.off_session or params.error_on_requires_action:
            raise refused(call, intent, method, AUTHENTICATION_REQUIRED)
        return ask_authentication(call, intent, params.return_url)
    return await settle(call, intent, method, card)


def _must_authenticate(card: Card, method: Json, params: PaymentIntentConfirm) -> bool:
    if card.authentication == "unless_set_up":
        return not (params.off_session and method["customer"])
    return card.authentication == "always"


def ask_authentication(call: Call, intent: Json, return_url: str | None) -> Json:
    """3-D Secure: the customer is sent to a page (see `endpoints.authentication`)."""
    url = f"{call.base_url}/simulator/authenticate/{call.account}/{intent['client_secret']}"
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": return_url}}
    call.save(intent)
    call.emit(f"{intent['object']}.requires_action", intent)
    return intent


async def settle(call: Call, intent: Json, method: Json, card: Card) -> Json:
    """Charge an intent that needs nothing more from the customer. Raises CardError."""
    intent["next_action"] = None
    if card.decline is not None:
        raise refused(call, intent, method, card.decline)
    intent["last_payment_error"] = None
    made = charge(call, intent, method, card)
    intent["latest_charge"] = made["id"]
    if intent["setup_future_usage"] and intent["customer"] and method["customer"] is None:
        call.save(method | {"customer": intent["customer"]})
    if not made["captured"]:
        intent["status"], intent["amount_capturable"] = "requires_capture", intent["amount"]
        call.emit("payment_intent.amount_capturable_updated", call.save(intent))
        return intent
    intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
    call.emit("payment_intent.succeeded", call.save(intent))
    return intent


def refused(call: Call, intent: Json, method: Json, decline: Decline) -> CardError:
    """Record a refused attempt, and make the error that tells of it."""
    failed = failed_charge(call, intent, method, decline)
    error = CardError(
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        charge=failed["id"],
        payment_method=method,
    )
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": failed["id"],
        "next_action": None,
        "last_payment_error": dict(error.error),
    }
    call.emit("payment_intent.payment_failed", call.save(intent))
    error.error["payment_intent"] = intent
    return error


async def authenticate(call: Call, *, passed: bool) -> Json:
    """What the customer did on the authentication page. Raises InvalidRequest, CardError."""
    intent = dict(await call.target("payment_intent"))
    _require_status(intent, ("requires_action",), "authenticated")
    method = await call.get("payment_method", intent["payment_method"])
    if not passed:
        raise refused(call, intent, method, NOT_AUTHENTICATED)
    return await settle(call, intent, method, Card(card_of(method).number, disputed=card_of(method).disputed))


async def capture(call: Call, params: PaymentIntentCapture) -> Json:
    """Take what was authorized, or less, which releases the rest. Raises InvalidRequest."""
    intent = dict(await call.target("payment_intent"))
    _require_status(intent, ("requires_capture",), "captured")
    amount = params.amount_to_capture or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise InvalidRequest(
            f"The amount_to_capture ({amount}) is greater than the capturable amount ({intent['amount_capturable']}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    await capture_charge(call, intent, amount)
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    intent["metadata"] = merged(intent["metadata"], params.metadata)
    call.emit("payment_intent.succeeded", call.save(intent))
    return intent


async def cancel(call: Call, params: PaymentIntentCancel) -> Json:
    """Give it up; what was authorized is released. Raises InvalidRequest."""
    intent = dict(await call.target("payment_intent"))
    _require_status(intent, CANCELABLE, "canceled")
    if intent["status"] == "requires_capture":
        await release_charge(call, intent)
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": call.now,
        "cancellation_reason": params.cancellation_reason,
        "next_action": None,
    }
    call.emit("payment_intent.canceled", call.save(intent))
    return intent
