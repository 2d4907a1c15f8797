"""Provider, declared."""

from septet.kernel.service import Service

SERVICE = Service(name="provider", title="Provider: a fake, Stripe-compatible payment provider on a port of its own")
