"""Payments, declared."""

from septet.kernel.service import Service
from septet.services.payments import jobs
from septet.services.payments.endpoints import payments, reconciliation
from septet.services.payments.settings import PaymentsSettings

__all__ = ["SERVICE", "jobs"]

SERVICE = Service(
    name="payments",
    title="Payments: payment intents, refunds, a ledger and reconciliation, the merchant's side",
    routers=[reconciliation.router, payments.router],
    settings=PaymentsSettings,
)
