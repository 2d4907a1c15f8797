"""The rules, in their order; the first that speaks decides. Each verdict carries its reason for the trace."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.deciding.facts import Facts, Task
from septet.services.notifications.deciding.quiet import quiet_until, zone
from septet.services.notifications.store import recipients

QUIETED_CHANNELS = ("email", "push")
"""What may wake somebody. An inbox makes no noise and a program does not sleep."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`until`: for a deferral, when to decide again."""

    action: Literal["send", "suppress", "defer", "digest"]
    reason: str
    detail: dict[str, Any] | None = None
    until: datetime | None = None


SEND = Verdict("send", "no_rule_objects")


def decide(task: Task, facts: Facts) -> Verdict:
    """What is to happen, throttles aside (they count, so they are asked last and in the database)."""
    return (
        _canceled(task)
        or _unreachable(task, facts)
        or _unwanted(task, facts)
        or _collected(task)
        or _asleep(task, facts)
        or SEND
    )


def _canceled(task: Task) -> Verdict | None:
    return Verdict("suppress", "canceled") if task.notification_status == "canceled" else None


def _unreachable(task: Task, facts: Facts) -> Verdict | None:
    if task.user_id and task.channel != "webhook" and facts.person(task) is None:
        return Verdict("suppress", "not_a_member")
    if task.channel == "inApp" and not task.user_id:
        return Verdict("suppress", "missing_address", {"needs": "userId"})
    if task.channel == "email":
        email = facts.email(task)
        if not email:
            return Verdict("suppress", "missing_address", {"needs": "email"})
        if email in facts.suppressed:
            return Verdict("suppress", "address_suppressed", {"because": facts.suppressed[email]})
    return None


def _unwanted(task: Task, facts: Facts) -> Verdict | None:
    preferences = facts.preferences.get(task.recipient)
    if preferences is None or task.channel == "webhook" or facts.rule(task.category).required:
        return None
    if preferences.opt_out:
        return Verdict("suppress", "opt_out")
    if preferences.categories.get(task.category, {}).get(task.channel) is False:
        return Verdict("suppress", "preference", {"category": task.category, "channel": task.channel})
    return None


def _collected(task: Task) -> Verdict | None:
    """The listing of a digest is not collected again."""
    if task.digest_key and task.digest_id is None and task.channel != "webhook":
        return Verdict("digest", "digest", {"digestKey": task.digest_key})
    return None


def _asleep(task: Task, facts: Facts) -> Verdict | None:
    preferences = facts.preferences.get(task.recipient)
    if preferences is None or task.channel not in QUIETED_CHANNELS or facts.rule(task.category).critical:
        return None
    if preferences.quiet_start is None or preferences.quiet_end is None:
        return None
    until = quiet_until(facts.now, preferences.quiet_start, preferences.quiet_end, zone(preferences.time_zone))
    if until is None:
        return None
    detail = {"until": until.isoformat(), "timeZone": preferences.time_zone or "UTC"}
    return Verdict("defer", "quiet_hours", detail, until)


async def throttled(uow: UnitOfWork, task: Task, facts: Facts, *, dry: bool = False) -> Verdict | None:
    """Take a slot of the category's throttle, or look (`dry`); a verdict when none is free."""
    rule = facts.rule(task.category)
    if rule.throttle_limit is None or task.channel == "webhook":
        return None
    window = rule.throttle_window_seconds or 3600
    since = facts.now - timedelta(seconds=window)
    where = (task.recipient, task.category, task.channel)
    if dry:
        free = await recipients.count_throttle_slots(uow, *where, since) < rule.throttle_limit
    else:
        free = await recipients.take_throttle_slot(uow, task.id, *where, rule.throttle_limit, since)
    return None if free else Verdict("suppress", "throttled", {"limit": rule.throttle_limit, "windowSeconds": window})
