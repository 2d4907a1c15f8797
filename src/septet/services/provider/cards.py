"""Test cards, the tokens that name them, and magic amounts: what each makes happen.

Any other number that passes the Luhn check is a card that succeeds. A magic amount is 666 followed by five digits that
end like the card of the same effect: an amount of 66609995 is declined for insufficient funds.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card is refused: the error's code, the issuer's reason and Stripe's sentence."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """`authentication`: asked for always, or until the card is set up for use without the customer (off session).

    `refuses_attach`: declined already when it is to be kept for a customer.
    """

    number: str
    brand: str = "visa"
    decline: Decline | None = None
    refuses_attach: bool = False
    authentication: Literal["no", "always", "unless_set_up"] = "no"
    disputed: str | None = None
    country: str = "US"
    funding: str = "credit"


DECLINED = Decline("card_declined", "generic_decline", "Your card was declined.")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
FRAUDULENT = Decline("card_declined", "fraudulent", "Your card was declined.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)

_CARDS = (
    Card("4242424242424242"),
    Card("4000056655665556", funding="debit"),
    Card("5555555555554444", "mastercard"),
    Card("2223003122003222", "mastercard"),
    Card("5200828282828210", "mastercard", funding="debit"),
    Card("378282246310005", "amex"),
    Card("371449635398431", "amex"),
    Card("6011111111111117", "discover"),
    Card("3056930009020004", "diners"),
    Card("3566002020360505", "jcb"),
    Card("6200000000000005", "unionpay"),
    Card("4000000000000002", decline=DECLINED, refuses_attach=True),
    Card("4000000000009995", decline=INSUFFICIENT, refuses_attach=True),
    Card("4000000000009987", decline=LOST, refuses_attach=True),
    Card("4000000000009979", decline=STOLEN, refuses_attach=True),
    Card("4100000000000019", decline=FRAUDULENT),
    Card("4000000000000069", decline=EXPIRED, refuses_attach=True),
    Card("4000000000000127", decline=WRONG_CVC, refuses_attach=True),
    Card("4000000000000119", decline=PROCESSING, refuses_attach=True),
    Card("4000000000000341", decline=DECLINED),
    Card("4000000000000259", disputed="fraudulent"),
    Card("4000000000002685", disputed="product_not_received"),
    Card("4000002760003184", authentication="always"),
    Card("4000000000003220", authentication="always"),
    Card("4000000000003063", authentication="always"),
    Card("4000002500003155", authentication="unless_set_up"),
)
CARDS = {card.number: card for card in _CARDS}

TOKENS = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "3056930009020004",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedFraudulent": "4100000000000019",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "chargeCustomerFail": "4000000000000341",
    "createDispute": "4000000000000259",
    "createDisputeProductNotReceived": "4000000000002685",
    "authenticationRequired": "4000002760003184",
    "threeDSecure2Required": "4000000000003220",
    "threeDSecureRequired": "4000000000003063",
    "authenticationRequiredSetupForOffSession": "4000002500003155",
}

_MAGIC_FROM = 66_600_000
_MAGIC_AMOUNTS = {
    _MAGIC_FROM + int(card.number[-5:]): card for card in _CARDS if card.decline or card.authentication != "no"
}


def card_of_number(number: str) -> Card:
    """The test card of this number; unknown ones succeed."""
    return CARDS.get(number) or Card(number, _brand(number))


def card_of_amount(amount: int) -> Card | None:
    """The card that a magic amount behaves like."""
    return _MAGIC_AMOUNTS.get(amount)


def _brand(number: str) -> str:
    brands = {
        "4": "visa",
        "5": "mastercard",
        "2": "mastercard",
        "34": "amex",
        "37": "amex",
        "6": "discover",
        "35": "jcb",
    }
    return brands.get(number[:2]) or brands.get(number[:1]) or "unknown"


def passes_luhn(number: str) -> bool:
    """ISO/IEC 7812-1's check digit."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0
