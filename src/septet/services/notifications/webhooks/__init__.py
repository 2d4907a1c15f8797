"""Webhooks: which endpoints an event goes to, Standard Webhooks signatures, addresses that are refused."""
