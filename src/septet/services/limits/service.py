"""Limits, declared."""

from septet.kernel.service import Service

SERVICE = Service(name="limits", title="Limits: the rate limiter that other services call")
