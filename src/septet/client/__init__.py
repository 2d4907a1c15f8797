"""Clients of Septet for users' own applications; each says at its top what it needs installed."""
