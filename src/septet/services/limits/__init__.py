"""Limits: the rate limiter that other services call."""
