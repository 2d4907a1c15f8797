"""Payments: payment intents, refunds, a ledger and reconciliation, the merchant's side."""
