"""Payments, declared."""

from septet.kernel.service import Service

SERVICE = Service(
    name="payments", title="Payments: payment intents, refunds, a ledger and reconciliation, the merchant's side"
)
