"""Payment methods: made from cards and test tokens, attached to customers."""

import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from septet.services.provider import cards
from septet.services.provider.call import Call
from septet.services.provider.cards import CARDS, Card, card_of_number, passes_luhn
from septet.services.provider.errors import CardError, InvalidRequest, ResourceMissing
from septet.services.provider.schemas import CardDetails, PaymentMethodCreate, PaymentMethodUpdate

Json = dict[str, Any]
TOKEN_PREFIXES = ("pm_card_", "tok_")
TOKEN_EXPIRY = (12, 2034)
EMPTY_BILLING = {"address": None, "email": None, "name": None, "phone": None}


def fingerprint_of(number: str) -> str:
    """The same for the same card, as merchants use it; it also leads back to a test card's behaviour."""
    return blake2b(number.encode(), digest_size=8).hexdigest()


_BY_FINGERPRINT = {fingerprint_of(number): card for number, card in CARDS.items()}


def card_of(payment_method: Json) -> Card:
    """How this payment method behaves."""
    return _BY_FINGERPRINT.get(payment_method["card"]["fingerprint"]) or Card("")


async def create(call: Call, params: PaymentMethodCreate) -> Json:
    """A payment method from a card. Raises InvalidRequest, CardError for a card that cannot be one."""
    if params.card is None:
        raise InvalidRequest("Missing required param: card.", code="parameter_missing", param="card")
    if params.card.token is not None:
        return from_token(call, params.card.token, "card[token]", params.metadata)
    number, month, year = _checked(call, params.card)
    return _made(call, card_of_number(number), (month, year), params.billing_details, params.metadata)


def from_token(call: Call, token: str, param: str, metadata: dict[str, str] | None = None) -> Json:
    """The payment method that a test token names. Raises ResourceMissing."""
    for prefix in TOKEN_PREFIXES:
        name = token.removeprefix(prefix)
        if name != token and name in cards.TOKENS:
            return _made(call, card_of_number(cards.TOKENS[name]), TOKEN_EXPIRY, None, metadata)
    raise ResourceMissing("PaymentMethod", token, param)


async def of_id_or_token(call: Call, method: str, param: str = "payment_method") -> Json:
    """A stored payment method, or a new one from a test token. Raises ResourceMissing."""
    if method.startswith(TOKEN_PREFIXES):
        return from_token(call, method, param)
    found = await call.find("payment_method", method)
    if found is None:
        raise ResourceMissing("PaymentMethod", method, param)
    return found


def _checked(call: Call, card: CardDetails) -> tuple[str, int, int]:
    number = re.sub(r"[\s-]", "", card.number or "")
    if not number:
        raise InvalidRequest("Missing required param: card[number].", code="parameter_missing", param="card[number]")
    if not re.fullmatch(r"\d{12,19}", number) or not passes_luhn(number):
        raise CardError("Your card number is incorrect.", code="incorrect_number", param="number")
    month, year = card.exp_month or 0, card.exp_year or 0
    year += 2000 if 0 <= year < 100 else 0
    if not 1 <= month <= 12:
        raise CardError("Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month")
    today = datetime.fromtimestamp(call.now, UTC)
    if year > today.year + 50 or (year, month) < (today.year, today.month):
        raise CardError("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    if card.cvc is not None and not re.fullmatch(r"\d{3,4}", card.cvc):
        raise CardError("Your card's security code is invalid.", code="invalid_cvc", param="cvc")
    return number, month, year


def _made(
    call: Call, card: Card, expiry: tuple[int, int], billing: Json | None, metadata: dict[str, str] | None
) -> Json:
    return call.new(
        "payment_method",
        type="card",
        billing_details=EMPTY_BILLING | (billing or {}),
        card={
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": card.country,
            "exp_month": expiry[0],
            "exp_year": expiry[1],
            "fingerprint": fingerprint_of(card.number),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        customer=None,
        metadata=metadata or {},
    )


async def update(call: Call, params: PaymentMethodUpdate) -> Json:
    found = dict(await call.target("payment_method"))
    found["billing_details"] = found["billing_details"] | (params.billing_details or {})
    found["metadata"] = merged(found["metadata"], params.metadata)
    call.save(found)
    call.emit("payment_method.updated", found)
    return found


async def attach(call: Call, method: str, customer: str) -> Json:
    """Keep it for the customer. Raises CardError for a card whose bank refuses."""
    found = dict(await of_id_or_token(call, method))
    owner = await call.get("customer", customer, param="customer")
    if owner.get("deleted"):
        raise ResourceMissing("customer", customer, "customer")
    if found["customer"] not in (None, customer):
        raise InvalidRequest("The payment method you provided has already been attached to a customer.")
    card = card_of(found)
    if card.refuses_attach and card.decline:
        decline = card.decline
        raise CardError(decline.message, code=decline.code, decline_code=decline.decline_code)
    found["customer"] = customer
    call.save(found)
    call.emit("payment_method.attached", found)
    return found


async def detach(call: Call) -> Json:
    found = dict(await call.target("payment_method"))
    if found["customer"] is None:
        raise InvalidRequest(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    previous, found["customer"] = found["customer"], None
    call.save(found)
    call.emit("payment_method.detached", found, customer=previous)
    return found


def merged(metadata: dict[str, str], changes: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: keys are added or replaced; those with an empty value are removed."""
    return {key: value for key, value in (metadata | (changes or {})).items() if value != ""}
