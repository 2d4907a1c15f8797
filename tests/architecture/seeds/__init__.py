"""One row in every table of tenants, made over HTTP; its texts carry SECRET, which nobody else may ever read.

A module a service, with `async def seed(platform, organization)`. Where a service has none, the generated isolation
test runs its operations with random ids and says so.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

from tests.platform import Organization, Platform

SECRET = "Zanzibar-7f3a"
Seed = Callable[[Platform, Organization], Awaitable[None]]


def seeds() -> dict[str, Seed]:
    """The seed of each service that has one, by the service's name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    return {name: import_module(f"{__name__}.{name}").seed for name in names}
