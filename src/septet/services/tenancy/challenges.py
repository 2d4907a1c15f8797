"""What a ceremony in two requests (a passkey, a sign-in elsewhere) remembers in between: five minutes, taken once."""

import json
import secrets
from typing import Any

from septet.kernel.uow import UnitOfWork
from septet.kernel.valkey import key

LIFETIME_SECONDS = 300


async def remember(uow: UnitOfWork, purpose: str, **what: Any) -> str:
    """Returns the handle with which to take it."""
    handle = secrets.token_urlsafe(24)
    name = key("public", "tenancy", "challenge", purpose, handle)
    await uow.runtime.valkey.client.set(name, json.dumps(what), ex=LIFETIME_SECONDS)
    return handle


async def take(uow: UnitOfWork, purpose: str, handle: str) -> dict[str, Any] | None:
    """What was remembered; None when it was taken or is too old."""
    found = await uow.runtime.valkey.client.getdel(key("public", "tenancy", "challenge", purpose, handle))
    remembered: dict[str, Any] | None = json.loads(found) if found else None
    return remembered
