"""Provider, declared."""

from septet.kernel.http.assembly import Dialect
from septet.kernel.service import Service
from septet.services.provider import jobs
from septet.services.provider.connection import ResettableProtocol as Protocol
from septet.services.provider.endpoints import authentication, payments, records, simulator
from septet.services.provider.operations import ERROR_RENDERERS

__all__ = ["DIALECT", "SERVICE", "Protocol", "jobs"]

DESCRIPTION = """A fake payment provider that speaks Stripe's API, for development and tests. It moves no money.

Any API key that begins with `sk_test_` opens an account of its own. Operations under `/v1` take forms and answer
as Stripe does; point an official SDK here. `/simulator` takes JSON: faults and their trace, a clock, snapshots."""

SERVICE = Service(
    name="provider",
    title="Provider: a fake, Stripe-compatible payment provider on a port of its own",
    provider_routers=[payments.v1.router, records.v1.router, simulator.simulator.router, authentication.router],
)

DIALECT = Dialect("Septet payment provider", DESCRIPTION, ERROR_RENDERERS, compresses=False)
