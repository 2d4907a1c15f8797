"""What limits reads and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, model_validator

from septet.kernel.wire import Moment, ShortText, Wire

Scope = Literal["tenant", "route", "user"]
Algorithm = Literal["token_bucket", "gcra", "sliding_window", "fixed_window", "concurrency"]
OnFailure = Literal["open", "closed", "local"]
Calendar = Literal["hour", "day", "week", "month"]
Audience = Literal["application", "platform"]

LARGEST_LIMIT = 1_000_000_000
LONGEST_WINDOW_MS = 366 * 86_400_000
LARGEST_COST = 1_000_000
LARGEST_EXACT_LIMIT = 10_000
LARGEST_BATCH = 1000
EXACT_UP_TO = 2**53

UserId = Annotated[str, StringConstraints(max_length=200)]
Route = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
PlanName = Annotated[str, StringConstraints(max_length=50)]
Method = Annotated[str, StringConstraints(max_length=20)]


class Override(Wire):
    """Another limit for one user, or for everybody on a plan; a user's goes before a plan's."""

    user_id: UserId | None = Field(None, description="The user it is for.")
    plan: PlanName | None = Field(None, description="The plan it is for, as checks name it in `plan`.")
    limit: int = Field(ge=1, le=LARGEST_LIMIT, description="The limit in place of the rule's.")
    burst: int | None = Field(None, ge=1, le=LARGEST_LIMIT, description="The burst in place of the rule's.")

    @model_validator(mode="after")
    def _for_one(self) -> Self:
        if (self.user_id is None) == (self.plan is None):
            raise ValueError("an override names either `userId` or `plan`")
        return self


class RuleIn(Wire):
    """A rule: how much, for whom, counted how."""

    name: ShortText = Field(description="What answers and headers call the rule.")
    scope: Scope = Field(description="What is counted together: all of the organization, a route, or each user.")
    route: Route | None = Field(
        None, description="Only routes of this pattern: exact, `:name` for one segment, `*` for the rest; else all."
    )
    method: Method | None = Field(None, description="Only this HTTP method; else all.")
    algorithm: Algorithm = Field(description="How it is counted.")
    limit: int = Field(ge=1, le=LARGEST_LIMIT, description="How much per window, or how many leases at a time.")
    window_ms: int | None = Field(
        None, ge=1, le=LONGEST_WINDOW_MS, description="Length of the window in milliseconds; not for concurrency."
    )
    burst: int | None = Field(
        None, ge=1, le=LARGEST_LIMIT, description="For token_bucket and gcra: how much at once; else `limit`."
    )
    exact: bool = Field(
        False, description="For sliding_window: remember each unit instead of approximating; up to a limit of 10,000."
    )
    calendar: Calendar | None = Field(None, description="For fixed_window: begin with the calendar's hour, day, ….")
    time_zone: str = Field("UTC", max_length=64, description="The calendar's time zone, by its IANA name.")
    on_failure: OnFailure = Field("local", description="While Valkey is away: allow, deny, or a share in each process.")
    shadow: bool = Field(False, description="Count and report, but never deny.")
    enabled: bool = Field(True, description="Whether the rule is looked at.")
    priority: int = Field(0, ge=-1000, le=1000, description="Of rules that bind equally, the highest is named.")
    audience: Audience = Field(
        "application", description="`application`: your own checks; `platform`: requests to Septet itself."
    )
    overrides: list[Override] = Field(default_factory=list, max_length=1000, description="Other limits for some.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for complaint in (self._window_complaint(), self._algorithm_complaint(), self._size_complaint()):
            if complaint:
                raise ValueError(complaint)
        return self

    def _window_complaint(self) -> str | None:
        if self.window_ms is None and self.algorithm != "concurrency" and self.calendar is None:
            return "`windowMs` is required for this algorithm"
        if self.calendar is not None and self.algorithm != "fixed_window":
            return "`calendar` is only for fixed_window"
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            return "`timeZone` must be an IANA name such as Europe/Warsaw"
        return None

    def _algorithm_complaint(self) -> str | None:
        if self.scope == "route" and self.route is None:
            return "`route` is required for the scope route"
        bursts = [self.burst, *(override.burst for override in self.overrides)]
        if self.algorithm not in ("token_bucket", "gcra") and any(burst not in (None, self.limit) for burst in bursts):
            return "`burst` is only for token_bucket and gcra; leave it away"
        if self.exact and self.algorithm != "sliding_window":
            return "`exact` is only for sliding_window"
        return None

    def _size_complaint(self) -> str | None:
        largest = max([self.limit, self.burst or 0, *(max(o.limit, o.burst or 0) for o in self.overrides)])
        if self.exact and largest > LARGEST_EXACT_LIMIT:
            return f"an exact sliding_window has a limit of at most {LARGEST_EXACT_LIMIT}"
        if self.algorithm == "sliding_window" and 2 * largest * (self.window_ms or 0) > EXACT_UP_TO:
            return "`limit` times `windowMs` is too large to be counted exactly; choose a shorter window"
        return None


class RuleOut(RuleIn):
    """A rule as it is stored."""

    id: UUID = Field(description="The rule's id.")
    seeded: bool = Field(description="Made by Septet for a new organization, and not changed since.")
    created_at: datetime = Field(description="When it was created.")
    updated_at: datetime = Field(description="When it was last changed.")


class RuleChangeOut(Wire):
    """One change of a rule."""

    id: UUID = Field(description="The change's id; POST /limits/rules/history/{id}/undo takes it back.")
    rule_id: UUID = Field(description="The rule.")
    change: str = Field(description="created, changed or deleted.")
    author_kind: str = Field(description="user, api_key or system.")
    author_id: UUID | None = Field(description="Who changed it.")
    before: dict[str, Any] | None = Field(description="The rule before; null when it was created.")
    after: dict[str, Any] | None = Field(description="The rule after; null when it was deleted.")
    changed_at: datetime = Field(description="When.")


class CheckIn(Wire):
    """May this user do this now?"""

    api_key: str = Field(max_length=200, description="An API key with the scope `limits:check`.")
    route: Route = Field(description="What is done, usually a path.")
    user_id: UserId = Field(description="Who does it, in your own terms.")
    cost: int = Field(
        1, ge=-LARGEST_COST, le=LARGEST_COST, description="How much to take; 0 only looks, below 0 gives back."
    )
    method: Method | None = Field(None, description="The HTTP method, for rules that name one.")
    plan: PlanName | None = Field(None, description="The user's plan, for rules with overrides by plan.")


class CheckOut(Wire):
    """The decision and the rule that binds."""

    allowed: bool = Field(description="Whether it may be done; if so, the cost was taken.")
    limit: int | None = Field(description="The binding rule's limit per window; null when no rule applies.")
    remaining: int | None = Field(description="What is left under the binding rule.")
    reset_after_ms: int | None = Field(description="Milliseconds until all of it is there again.")
    retry_after_ms: int | None = Field(None, description="When denied: milliseconds until it would be allowed.")
    rule: str | None = Field(description="Name of the rule that binds: that denied, or has least left.")
    rule_id: UUID | None = Field(description="Its id.")
    reason: str = Field(description="The decision in words.")


class BatchIn(Wire):
    """Several checks, each decided on its own, in order."""

    checks: list[CheckIn] = Field(min_length=1, max_length=LARGEST_BATCH, description="Up to 1,000 checks.")


class BatchOut(Wire):
    """The decisions."""

    results: list[CheckOut] = Field(description="One decision for each check, in the same order.")


class LeaseIn(Wire):
    """Ask for a slot under the concurrency rules."""

    api_key: str = Field(max_length=200, description="An API key with the scope `limits:check`.")
    resource: Route = Field(description="What is used; rules match it like a route.")
    user_id: UserId = Field("", description="Who uses it, in your own terms.")
    plan: PlanName | None = Field(None, description="The user's plan, for rules with overrides by plan.")
    ttl_ms: int = Field(ge=1, le=86_400_000, description="Milliseconds after which the slot is free again in any case.")


class LeaseOut(Wire):
    """The slot, or why there is none."""

    allowed: bool = Field(description="Whether a slot was free; it is taken now.")
    lease_id: str | None = Field(description="DELETE /leases/{id} gives the slot back. Treat it as a secret.")
    limit: int | None = Field(None, description="Slots of the binding rule; null when no rule applies.")
    remaining: int | None = Field(None, description="Slots left under the binding rule.")
    retry_after_ms: int | None = Field(
        None, description="When denied: milliseconds until the first slot ends by itself."
    )
    rule: str | None = Field(None, description="Name of the rule that binds.")
    reason: str = Field(description="The decision in words.")


class Point(Wire):
    """Decisions of one step."""

    at: datetime = Field(description="Begin of the step.")
    allowed: int = Field(description="Checks that were allowed.")
    denied: int = Field(description="Checks that were denied.")
    shadow_denied: int = Field(description="Checks that a shadow rule would have denied.")


class StatsOut(Wire):
    """Decisions over time."""

    series: list[Point] = Field(description="One entry a step, empty steps included.")


class TopEntry(Wire):
    """One route, user or rule."""

    key: str = Field(description="The route, user id or rule id.")
    name: str | None = Field(description="The rule's name; null for routes and users.")
    allowed: int = Field(description="Checks that were allowed.")
    denied: int = Field(description="Checks that were denied.")
    shadow_denied: int = Field(description="Checks that a shadow rule would have denied.")
    peak_percent: int = Field(description="The largest part of the binding limit that was in use, in percent.")


class TopOut(Wire):
    """The most denied first."""

    data: list[TopEntry] = Field(description="At most 50 entries.")


class Warnings(Wire):
    """Who is near a limit."""

    data: list["NearLimit"] = Field(description="The nearest first, at most 100.")


class NearLimit(Wire):
    """A counter near its limit."""

    rule_id: UUID = Field(description="The rule.")
    rule: str | None = Field(description="Its name; null when it was deleted.")
    user_id: str = Field(description="The user; empty where the rule does not count each user.")
    peak_percent: int = Field(description="The largest part of the limit that was in use, in percent.")
    at: datetime = Field(description="When that was, last.")


class ReplayIn(Wire):
    """Try a rule on what was recorded."""

    rule: RuleIn = Field(description="The rule to try; it is not stored.")
    from_: Moment = Field(alias="from", description="Begin of the recorded traffic.")
    to: Moment = Field(description="End of the recorded traffic.")


class ReplayOut(Wire):
    """What the rule would have decided."""

    checks: int = Field(description="Recorded checks that the rule applies to.")
    allowed: int = Field(description="How many it would have allowed.")
    denied: int = Field(description="How many it would have denied.")
    denied_users: list["ReplayedUser"] = Field(description="Who would have been denied most, at most 100.")
    partial: bool = Field(description="There was more traffic than one replay reads; narrow the time.")


class ReplayedUser(Wire):
    """One user in a replay."""

    user_id: str = Field(description="The user.")
    route: str = Field(description="The route.")
    allowed: int = Field(description="Checks that would have been allowed.")
    denied: int = Field(description="Checks that would have been denied.")
