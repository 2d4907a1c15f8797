"""Concurrency leases: slots that end by themselves, so that a crashed holder blocks nobody for long.

A lease's id is its credential: whoever has it may give the slot back.
"""

import secrets
from collections.abc import Mapping, Sequence
from importlib import resources
from uuid import UUID

from septet.kernel.ids import uuid_from_base62, uuid_to_base62
from septet.kernel.runtime import Runtime
from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.errors import LeaseNotFound
from septet.services.limits.ruleset import Applicable, Ruleset
from septet.services.limits.schemas import LeaseOut

PREFIX = "lease_"
SCRIPT = resources.files("septet.services.limits").joinpath("leases.lua").read_text()


class Leases:
    """Takes and gives back slots in Valkey. While it is away: EngineUnavailable."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._script = runtime.pipeline.script(SCRIPT)

    async def take(
        self, rules: Ruleset, resource: str, user_id: str, plan: str | None, ttl_ms: int
    ) -> tuple[LeaseOut, Mapping[str, str]]:
        """A slot under every concurrency rule that applies, or none; and the RateLimit headers of the rule that binds.

        Raises EngineUnavailable.
        """
        applicable = rules.leased(resource, user_id, plan)
        secret = secrets.token_urlsafe(16)
        keys = [_lease_key(rules.tenant_id, secret), *applicable.keys(user_id)]
        limits = [number for rule in applicable.rules for number in (rule.limit, int(rule.definition.shadow))]
        offset_ms = int(self._runtime.clock.offset_seconds * 1000)
        denied_by, retry_ms, _, *left = await self._runtime.pipeline.call(
            b"EVALSHA", self._script, len(keys), *keys, b"take", offset_ms, ttl_ms, *limits
        )
        lease_id = None if denied_by else _lease_id(rules.tenant_id, secret)
        binding = denied_by - 1 if denied_by else _least_left(applicable, left)
        if binding is None:
            return LeaseOut(allowed=True, lease_id=lease_id, reason="No concurrency rule applies."), {}
        rule = applicable.rules[binding]
        lease = LeaseOut(
            allowed=not denied_by,
            lease_id=lease_id,
            limit=rule.limit,
            remaining=left[binding],
            retry_after_ms=retry_ms if denied_by and retry_ms >= 0 else None,
            rule=rule.definition.name,
            reason=_reason(bool(denied_by), rule.limit, left[binding]),
        )
        return lease, _headers(rule, left[binding], lease.retry_after_ms)

    async def release(self, lease_id: str) -> None:
        """Raises LeaseNotFound, EngineUnavailable."""
        tenant, _, secret = lease_id.removeprefix(PREFIX).partition("_")
        tenant_id = uuid_from_base62(tenant) if lease_id.startswith(PREFIX) and secret else None
        if tenant_id is None:
            raise LeaseNotFound
        key = _lease_key(tenant_id, secret)
        if not await self._runtime.pipeline.call(b"EVALSHA", self._script, 1, key, b"release"):
            raise LeaseNotFound


def _least_left(applicable: Applicable, left: Sequence[int]) -> int | None:
    """Position of the enforced rule with the fewest slots left; None when there is none."""
    enforced = [position for position, rule in enumerate(applicable.rules) if not rule.definition.shadow]
    return min(enforced, key=left.__getitem__, default=None)


def _reason(denied: bool, limit: int, left: int) -> str:
    if denied:
        return f"Denied: all {limit} slots are taken; give one back, or wait for one to end."
    return f"Allowed: {left} of {limit} slots left."


def _headers(rule: CompiledRule, left: int, retry_after_ms: int | None) -> dict[str, str]:
    """Of draft-ietf-httpapi-ratelimit-headers-11, with its quota unit for concurrent requests."""
    name = rule.policy_name.decode()
    headers = {
        "RateLimit-Policy": f'{name};q={rule.limit};qu="concurrent-requests"',
        "RateLimit": f"{name};r={left}",
    }
    if retry_after_ms is not None:
        headers["Retry-After"] = str(max(1, -(-retry_after_ms // 1000)))
    return headers


def _lease_id(tenant_id: UUID, secret: str) -> str:
    return f"{PREFIX}{uuid_to_base62(tenant_id)}_{secret}"


def _lease_key(tenant_id: UUID, secret: str) -> bytes:
    return f"septet:{{{tenant_id}}}:limits:lease:{secret}".encode()
