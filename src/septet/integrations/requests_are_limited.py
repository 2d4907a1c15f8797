"""Every request of an organization passes its own limits, in the process that serves it."""

from collections.abc import Mapping

from septet.kernel.allowance import require_unspent
from septet.kernel.identity import Actor
from septet.kernel.runtime import Runtime
from septet.services.limits.guard import limit_request

NEVER_LIMITED = "/limits/rules"  # whoever has locked the door finds its key there
SPENDS = {
    "/notifications": "notifications",
    "/rooms/{room_id}/messages": "messages",
    "/logs": "logBytes",
    "/v1/logs": "logBytes",
    "/loki/api/v1/push": "logBytes",
    "/_bulk": "logBytes",
    "/{index}/_bulk": "logBytes",
}


async def limit(runtime: Runtime, actor: Actor, method: str, route: str) -> Mapping[str, str]:
    """Take one; the RateLimit headers of the answer. Raises QuotaExceeded: 429, and 402 where the day's is spent."""
    if actor.tenant_id is None or route.startswith(NEVER_LIMITED):
        return {}
    if method == "POST" and (metric := SPENDS.get(route)):
        await require_unspent(runtime, actor.tenant_id, metric)
    return await limit_request(runtime, actor.tenant_id, method, route, str(actor.id or ""))
