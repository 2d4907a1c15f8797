"""Payments: money for orders, through a provider that speaks Stripe's API; refunds, a ledger, reconciliation.

Promises: one charge for one payment, whatever is repeated, lost or killed; never more refunded than captured; a ledger
that always balances, written in the transaction that changes the state; an unknown outcome is asked for, never guessed.
Non-goals: subscriptions and invoices (tenancy's plans), storing card numbers (they pass through, once).

For integrations, an organization's saved payment method is charged from within a unit of work of that organization:

    from septet.services.payments.actions.charges import charge
    from septet.services.payments.events import ChargeFailed, ChargeSucceeded

    async def charge(uow: UnitOfWork, *, reference: str, amount: int, currency: str, description: str) -> None

It asks nothing of the provider and does not commit: the intention commits with the caller's transaction, a job carries
it out. The outcome is published to the organization as `ChargeSucceeded(tenant_id, reference, payment_id, amount,
currency)` or `ChargeFailed(tenant_id, reference, payment_id, amount, currency, reason)`, where `payment_id` is None and
`reason` is `no_payment_method` when none is saved. One reference is charged once however often this is called: while an
attempt runs nothing happens, after a failure it is attempted again, after a success the success is published again.
"""
