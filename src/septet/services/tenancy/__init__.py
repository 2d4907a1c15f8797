"""Tenancy: organizations, their people with roles, their API keys; sign-up, log-in and sessions.

Promises: nobody sees another organization's data; an organization always has an owner; a revoked session or key stops
working at once; only digests of secrets are stored.
"""
