"""Requests to Septet itself, against the organization's own rules of the audience `platform`: in process, no HTTP."""

from collections.abc import Mapping
from uuid import UUID

from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.services.limits.answers import Decision
from septet.services.limits.errors import QuotaExceeded
from septet.services.limits.limiter import limiter_of


async def limit_request(runtime: Runtime, tenant_id: UUID, method: str, route: str, user_id: str) -> Mapping[str, str]:
    """Take one for a request; the RateLimit headers for its answer. All rules are decided in one call of Valkey.

    `route` is the template (`/projects/{id}`), `user_id` whoever acts, person or API key. While the rules cannot be
    read, nothing is limited; while Valkey is away, each rule's `onFailure` decides. Raises QuotaExceeded.
    """
    limiter = limiter_of(runtime)
    try:
        rules = await limiter.rulesets.get(tenant_id)
    except EngineUnavailable:
        return {}
    decision = await limiter.decide_for(rules, route, user_id, method=method, audience="platform")
    if not decision.allowed:
        raise quota_exceeded(decision)
    return decision.headers()


def quota_exceeded(decision: Decision) -> QuotaExceeded:
    """The refusal that tells a denial."""
    rule = decision.binding_rule
    return QuotaExceeded(decision.reason, decision.headers(), [rule.definition.name] if rule else [])
