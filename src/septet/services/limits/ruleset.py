"""The rules of one organization, ready to be asked: which apply to a route, and under which keys they count."""

from collections.abc import Callable, Sequence
from uuid import UUID

from septet.services.limits.algorithms import CompiledRule, compile_rule
from septet.services.limits.patterns import matcher
from septet.services.limits.schemas import Audience, RuleIn

MOST_REMEMBERED = 20_000
MOST_APPLIED = 40


class Applicable:
    """The rules that apply to one method and route, in the order of their priority, and their header."""

    __slots__ = ("policy", "rules", "with_user_overrides")

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.rules = rules
        self.with_user_overrides = any(rule.for_user for rule in rules)
        self.policy = policy_header(rules)

    def for_user(self, user_id: str) -> "Applicable":
        """The same with the user's own limits."""
        if not self.with_user_overrides:
            return self
        return Applicable([rule.for_user.get(user_id, rule) for rule in self.rules])

    def keys(self, user_id: str) -> list[bytes]:
        """The counters, one a rule."""
        suffix = b":" + user_id.encode(errors="replace")
        return [rule.key_prefix + suffix if rule.definition.scope == "user" else rule.key_prefix for rule in self.rules]


class Ruleset:
    """Immutable; a change makes a new one."""

    def __init__(self, tenant_id: UUID, rules: Sequence[tuple[UUID, RuleIn]]) -> None:
        self.tenant_id = tenant_id
        self.slot = f"septet:{{{tenant_id}".encode()  # what all its keys begin with, up to the hash tag's end
        ordered = sorted(rules, key=lambda each: -each[1].priority)
        self._rules = [_Matchable(compile_rule(tenant_id, rule_id, rule)) for rule_id, rule in ordered if rule.enabled]
        self._remembered: dict[tuple[Audience, str | None, str, str | None, bool], Applicable] = {}

    def applicable(
        self, route: str, method: str | None, user_id: str, plan: str | None, audience: Audience = "application"
    ) -> Applicable:
        """The rules for this check; rules per user only where there is a user."""
        key = (audience, method, route, plan, bool(user_id))
        found = self._remembered.get(key)
        if found is None:
            found = Applicable(self._matching(route, method, user_id, plan, audience))
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = found
        return found.for_user(user_id)

    def leased(self, resource: str, user_id: str, plan: str | None) -> Applicable:
        """The concurrency rules for this resource."""
        rules = self._matching(resource, None, user_id, plan, "application", concurrency=True)
        return Applicable(rules).for_user(user_id)

    def _matching(
        self,
        route: str,
        method: str | None,
        user_id: str,
        plan: str | None,
        audience: Audience,
        *,
        concurrency: bool = False,
    ) -> list[CompiledRule]:
        path = route.partition("?")[0]
        found = []
        for each in self._rules:
            rule = each.rule.definition
            if rule.audience != audience or (rule.algorithm == "concurrency") != concurrency:
                continue
            if rule.scope == "user" and not user_id:
                continue
            if each.matches(path, method):
                found.append(each.rule.for_plan.get(plan, each.rule) if plan else each.rule)
        return found[:MOST_APPLIED]


class _Matchable:
    def __init__(self, rule: CompiledRule) -> None:
        self.rule = rule
        self._method = rule.definition.method.upper() if rule.definition.method else None
        route = rule.definition.route
        self._fits: Callable[[str], bool] | None = matcher(route) if route is not None else None

    def matches(self, path: str, method: str | None) -> bool:
        if self._method is not None and (method is None or method.upper() != self._method):
            return False
        return self._fits is None or self._fits(path)


def policy_header(rules: Sequence[CompiledRule]) -> bytes:
    """The value of `RateLimit-Policy`: quota and window in seconds of each rule."""
    return b", ".join(
        b"%b;q=%d;w=%d" % (rule.policy_name, rule.limit, max(1, round(rule.window_ms / 1000))) for rule in rules
    )
