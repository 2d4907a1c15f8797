"""Requests to Septet itself, against the organization's own rules of the audience `platform`."""

from collections.abc import Mapping

from septet.kernel.errors import EngineUnavailable
from septet.kernel.uow import UnitOfWork
from septet.services.limits.answers import Decision
from septet.services.limits.errors import QuotaExceeded
from septet.services.limits.limiter import limiter_of


async def limit_request(uow: UnitOfWork, method: str, route: str) -> Mapping[str, str]:
    """Take one for a request of the acting user or key; the RateLimit headers for its answer.

    `route` is the template (`/projects/{id}`). A request outside any organization is not limited, nor is one while the
    rules cannot be read. Raises QuotaExceeded.
    """
    if uow.actor.tenant_id is None or uow.actor.kind == "system":
        return {}
    limiter = limiter_of(uow.runtime)
    try:
        rules = await limiter.rulesets.get(uow.actor.tenant_id)
    except EngineUnavailable:
        return {}
    decision = await limiter.decide_for(rules, route, str(uow.actor.id or ""), method=method, audience="platform")
    if not decision.allowed:
        raise quota_exceeded(decision)
    return decision.headers()


def quota_exceeded(decision: Decision) -> QuotaExceeded:
    """The refusal that tells a denial."""
    rule = decision.binding_rule
    return QuotaExceeded(decision.reason, decision.headers(), [rule.definition.name] if rule else [])
