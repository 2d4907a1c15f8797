"""Payments: money for orders, through a provider that speaks Stripe's API; refunds, a ledger, reconciliation.

Promises: one charge for one payment, whatever is repeated, lost or killed; never more refunded than captured; a ledger
that always balances, written in the transaction that changes the state; an unknown outcome is asked for, never guessed.
Non-goals: subscriptions and invoices (tenancy's plans), storing card numbers (they pass through, once).
"""
