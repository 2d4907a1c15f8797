"""Setup intents: keep a card for later, with its owner's authentication where the bank wants it."""

from typing import Any

from septet.services.provider.actions.payment_intents import ask_authentication
from septet.services.provider.actions.payment_methods import attach, card_of, merged, of_id_or_token
from septet.services.provider.actions.payment_methods import create as create_payment_method
from septet.services.provider.call import Call
from septet.services.provider.errors import CardError, InvalidRequest
from septet.services.provider.identifiers import random_text
from septet.services.provider.schemas import SetupIntentConfirm, SetupIntentCreate

Json = dict[str, Any]
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


async def create(call: Call, params: SetupIntentCreate) -> Json:
    """Raises InvalidRequest, ResourceMissing, CardError."""
    if params.customer is not None:
        await call.get("customer", params.customer, param="customer")
    intent = call.new(
        "setup_intent",
        application=None,
        cancellation_reason=None,
        customer=params.customer,
        description=params.description,
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        metadata=merged({}, params.metadata),
        next_action=None,
        payment_method=None,
        payment_method_types=params.payment_method_types or ["card"],
        status="requires_payment_method",
        usage=params.usage,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{random_text(25)}"
    call.emit("setup_intent.created", intent)
    given = SetupIntentConfirm(**params.model_dump(include={"payment_method", "payment_method_data", "return_url"}))
    await _choose_method(call, intent, given)
    return await _confirmed(call, intent, params.return_url) if params.confirm else intent


async def _choose_method(call: Call, intent: Json, params: SetupIntentConfirm) -> None:
    if params.payment_method is not None:
        intent["payment_method"] = (await of_id_or_token(call, params.payment_method))["id"]
    elif params.payment_method_data is not None:
        intent["payment_method"] = (await create_payment_method(call, params.payment_method_data))["id"]
    if intent["payment_method"] is not None and intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


async def confirm(call: Call, params: SetupIntentConfirm) -> Json:
    intent = dict(await call.target("setup_intent"))
    _require_open(intent)
    call.save(intent)
    await _choose_method(call, intent, params)
    return await _confirmed(call, intent, params.return_url)


def _require_open(intent: Json) -> None:
    if intent["status"] not in OPEN:
        raise InvalidRequest(
            f"This SetupIntent has a status of {intent['status']}, which allows no such change.",
            code="setup_intent_unexpected_state",
            setup_intent=intent,
        )


async def _confirmed(call: Call, intent: Json, return_url: str | None) -> Json:
    if intent["payment_method"] is None:
        raise InvalidRequest("This SetupIntent is missing a payment method.", code="setup_intent_unexpected_state")
    method = await call.get("payment_method", intent["payment_method"])
    if card_of(method).authentication != "no":
        return ask_authentication(call, intent, return_url)
    return await _finished(call, intent)


async def _finished(call: Call, intent: Json) -> Json:
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    if intent["customer"] is not None:
        try:
            await attach(call, intent["payment_method"], intent["customer"])
        except CardError as error:
            raise _refused(call, intent, error) from error
    call.emit("setup_intent.succeeded", call.save(intent))
    return intent


def _refused(call: Call, intent: Json, error: CardError) -> CardError:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": dict(error.error),
    }
    call.emit("setup_intent.setup_failed", call.save(intent))
    error.error["setup_intent"] = intent
    return error


async def authenticate(call: Call, *, passed: bool) -> Json:
    """What the customer did on the authentication page. Raises CardError."""
    intent = dict(await call.target("setup_intent"))
    if intent["status"] != "requires_action":
        raise InvalidRequest("This SetupIntent waits for no authentication.", code="setup_intent_unexpected_state")
    if not passed:
        message = "The provided PaymentMethod has failed authentication."
        raise _refused(call, intent, CardError(message, code="setup_intent_authentication_failure"))
    return await _finished(call, intent)


async def cancel(call: Call) -> Json:
    intent = dict(await call.target("setup_intent"))
    _require_open(intent)
    intent |= {"status": "canceled", "next_action": None}
    call.emit("setup_intent.canceled", call.save(intent))
    return intent
