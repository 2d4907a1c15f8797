"""Every request of an organization passes its own limits, in the process that serves it."""

from collections.abc import Mapping

from septet.kernel.identity import Actor
from septet.kernel.runtime import Runtime
from septet.services.limits.guard import limit_request

NEVER_LIMITED = "/limits/rules"  # whoever has locked the door finds its key there


async def limit(runtime: Runtime, actor: Actor, method: str, route: str) -> Mapping[str, str]:
    """Take one; the RateLimit headers of the answer. Raises QuotaExceeded (429)."""
    if actor.tenant_id is None or route.startswith(NEVER_LIMITED):
        return {}
    return await limit_request(runtime, actor.tenant_id, method, route, str(actor.id or ""))
