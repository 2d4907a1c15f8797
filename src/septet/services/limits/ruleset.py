"""The rules of one organization, ready to be asked: which apply to a route, and under which keys they count."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from septet.services.limits.algorithms import CompiledRule, compile_rule
from septet.services.limits.patterns import matcher
from septet.services.limits.schemas import Audience, RuleIn

MOST_REMEMBERED = 20_000
MOST_APPLIED = 40


class Subject(NamedTuple):
    """What was asked about, as it is recorded."""

    route: str
    method: str
    plan: str
    audience: str


NO_SUBJECT = Subject("", "", "", "")


class Applicable:
    """The rules that apply to one method and route, in the order of their priority, and what their answers share."""

    __slots__ = ("_with_overrides", "enforced", "header", "per_user", "rules", "subject", "tenant_id")

    def __init__(self, tenant_id: UUID, rules: Sequence[CompiledRule], subject: Subject = NO_SUBJECT) -> None:
        self.tenant_id = tenant_id
        self.rules = rules
        self.subject = subject
        self.per_user = [rule for rule in rules if rule.per_user]
        self.enforced = [position for position, rule in enumerate(rules) if not rule.definition.shadow]
        self.header = header_template(rules)
        self._with_overrides: dict[str, Applicable] = {user: self for rule in rules for user in rule.for_user}

    def for_user(self, user_id: str) -> "Applicable":
        """The same with the user's own limits."""
        found = self._with_overrides.get(user_id)
        if found is None:
            return self
        if found is self:
            own = [rule.for_user.get(user_id, rule) for rule in self.rules]
            found = self._with_overrides[user_id] = Applicable(self.tenant_id, own, self.subject)
            found._with_overrides.clear()
        return found

    def keys(self, user_id: str) -> list[bytes]:
        """The counters, one a rule."""
        suffix = user_suffix(user_id)
        return [rule.key_prefix + suffix if rule.per_user else rule.key_prefix for rule in self.rules]


def user_suffix(user_id: str) -> bytes:
    """How the keys of a user's counters end."""
    return b":" + user_id.encode(errors="replace")


class Ruleset:
    """Immutable; a change makes a new one."""

    def __init__(self, tenant_id: UUID, rules: Sequence[tuple[UUID, RuleIn]]) -> None:
        self.tenant_id = tenant_id
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
            rules = self._matching(route, method, user_id, plan, audience)
            found = Applicable(self.tenant_id, rules, Subject(route, method or "", plan or "", audience))
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = found
        return found.for_user(user_id)

    def leased(self, resource: str, user_id: str, plan: str | None) -> Applicable:
        """The concurrency rules for this resource."""
        rules = self._matching(resource, None, user_id, plan, "application", concurrency=True)
        return Applicable(self.tenant_id, rules).for_user(user_id)

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


def header_template(rules: Sequence[CompiledRule]) -> bytes:
    """`RateLimit-Policy` (quota and window in seconds of each rule) and `RateLimit` as lines of an answer.

    The latter's numbers are left open: what remains, and seconds until all of it is there again, rule after rule.
    """
    if not rules:
        return b""
    policies = b", ".join(
        b"%b;q=%d;w=%d" % (rule.policy_name, rule.limit, max(1, round(rule.window_ms / 1000))) for rule in rules
    )
    limits = b", ".join(rule.policy_name.replace(b"%", b"%%") + b";r=%d;t=%d" for rule in rules)
    return b"ratelimit-policy: " + policies.replace(b"%", b"%%") + b"\r\nratelimit: " + limits + b"\r\n"
