"""A batch of due deliveries of one tenant: the rules sort out what is not sent now, the rest gets its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.deciding.composing import NothingToSay, compose
from septet.services.notifications.deciding.facts import Facts, Task, gather_facts, load_tasks
from septet.services.notifications.deciding.rules import Verdict, decide, throttled
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import digests, outbox
from septet.services.notifications.store.outbox import Settlement
from septet.services.notifications.templating.messageformat import MessageSyntaxError
from septet.services.notifications.templating.rendering import Rendered
from septet.services.notifications.unsubscribing import Subject, unsubscribe_url

DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that is to be sent now, with its words. `email` is the address of a mail."""

    task: Task
    rendered: Rendered
    email: str | None
    unsubscribe_url: str | None

    def settled(self, status: str, outcome: str, reason: str, **more: object) -> Settlement:
        return Settlement(self.task.id, status, outcome, reason, locale=self.rendered.locale, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Judged:
    """`settled`: what needs no sending. `tasks` are all, by id."""

    letters: list[Letter]
    settled: list[Settlement]
    tasks: dict[UUID, Task]


async def judge(uow: UnitOfWork, delivery_ids: Sequence[UUID]) -> Judged:
    tasks = await load_tasks(uow, delivery_ids)
    facts = await gather_facts(uow, tasks)
    judged = Judged([], [], {task.id: task for task in tasks})
    # Digests are locked one after another, in an order that all workers share.
    for task in sorted(tasks, key=lambda t: (t.recipient, t.channel, t.digest_key or "", t.id)):
        verdict = decide(task, facts)
        if verdict.action == "send":
            verdict = await throttled(uow, task, facts) or verdict
        if verdict.action == "send":
            _compose(uow, task, facts, judged)
        else:
            judged.settled.append(await _apply(uow, task, facts, verdict))
    return judged


def _compose(uow: UnitOfWork, task: Task, facts: Facts, judged: Judged) -> None:
    url = None
    if task.channel == "email" and not facts.rule(task.category).required:
        url = unsubscribe_url(uow.runtime, Subject(uow.tenant_id, task.recipient, task.category))
    try:
        rendered = compose(task, facts, url)
    except NothingToSay as error:
        judged.settled.append(
            Settlement(task.id, "suppressed", "suppressed", "no_text_for_channel", {"because": str(error)})
        )
    except MessageSyntaxError as error:
        judged.settled.append(Settlement(task.id, "failed", "failed", "template_error", {"error": str(error)}))
    else:
        judged.letters.append(Letter(task, rendered, facts.email(task), url))


async def _apply(uow: UnitOfWork, task: Task, facts: Facts, verdict: Verdict) -> Settlement:
    if verdict.action == "suppress":
        return Settlement(task.id, "suppressed", "suppressed", verdict.reason, verdict.detail)
    if verdict.action == "defer":
        return Settlement(task.id, "queued", "deferred", verdict.reason, verdict.detail, due_at=verdict.until)
    return await _collect(uow, task, facts)


async def _collect(uow: UnitOfWork, task: Task, facts: Facts) -> Settlement:
    """Put it into the recipient's open digest; a new digest goes into the outbox, due when it closes."""
    seconds = facts.rule(task.category).digest_window_seconds
    window = timedelta(seconds=seconds or uow.settings(NotificationsSettings).digest_window_seconds)
    assert task.digest_key is not None
    digest_id, closes_at, opened = await digests.join(
        uow, task.recipient, task.channel, task.digest_key, task.category, task.send_at + window
    )
    if opened:
        await outbox.add(uow, DIGEST, [(digest_id, "", closes_at)])
    detail = {"digestId": str(digest_id), "digestKey": task.digest_key, "closesAt": closes_at.isoformat()}
    return Settlement(task.id, "queued", "digested", "digest", detail, digest_id=digest_id)
