"""Provider: a fake payment provider that speaks Stripe's API, on a port of its own.

Unmodified official SDKs complete every flow against it. Each API key (`sk_test_…`) opens an account; accounts do not
see each other. All state is in PostgreSQL.
Faults are injected on demand, from a seed, so that a failure can be replayed.
It moves no money and must never be given a real card.
"""
