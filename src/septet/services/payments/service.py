"""Payments, declared."""

from septet.kernel.service import Service
from septet.services.payments import hot, jobs
from septet.services.payments.endpoints import payments, reconciliation, saved_method, simulator
from septet.services.payments.settings import PaymentsSettings

__all__ = ["SERVICE", "jobs"]

SERVICE = Service(
    name="payments",
    title="Payments: payment intents, refunds, a ledger and reconciliation, the merchant's side",
    # Last those whose paths begin with a payment's id, which the others are not.
    routers=[reconciliation.router, saved_method.router, simulator.router, payments.router],
    settings=PaymentsSettings,
    hot_routes=hot.hot_routes,
)
