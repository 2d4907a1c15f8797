"""Ids as Stripe writes them: a prefix that names the kind, then letters and digits."""

import secrets
import string
from hashlib import blake2b

ALPHABET = string.ascii_letters + string.digits

PREFIXES = {
    "balance_transaction": "txn_3",
    "charge": "ch_3",
    "customer": "cus_",
    "dispute": "du_1",
    "event": "evt_1",
    "invoice": "in_1",
    "invoiceitem": "ii_1",
    "payment_intent": "pi_3",
    "payment_method": "pm_1",
    "price": "price_1",
    "product": "prod_",
    "refund": "re_3",
    "setup_intent": "seti_1",
    "webhook_endpoint": "we_1",
}


def new_id(kind: str) -> str:
    """A fresh id of this kind."""
    return PREFIXES[kind] + random_text(23)


def random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def account_of(key: str) -> str:
    """The account that an API key opens; the same for ever, so nothing needs to be looked up."""
    return "acct_" + blake2b(key.encode(), digest_size=8).hexdigest()
