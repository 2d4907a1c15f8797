"""The dry run: what would happen to a notification now, by the same rules and with the same words."""

from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.actions import sending
from septet.services.notifications.deciding.composing import NothingToSay, compose
from septet.services.notifications.deciding.facts import Facts, Task, gather_facts
from septet.services.notifications.deciding.rules import Verdict, decide, throttled
from septet.services.notifications.models import Notification
from septet.services.notifications.schemas.sending import Forecast, NotificationCreate
from septet.services.notifications.store.notifications import NewDelivery
from septet.services.notifications.templating.messageformat import MessageSyntaxError

OUTCOMES = {"send": "sent", "suppress": "suppressed", "defer": "deferred", "digest": "digested"}


async def forecast(uow: UnitOfWork, request: NotificationCreate) -> list[Forecast]:
    """For each of the first recipients and channel. Raises as `accept` does, but for variables that lack a value."""
    uow.actor.require(permissions.SEND)
    template = await sending.choose_template(uow, request)
    recipients = sending.unique(request.everybody)[: sending.EXPANDED_AT_ONCE]
    planned = sending.make_notification(uow, request, template, recipients)
    tasks = [_task(planned, delivery) for delivery in sending.plan_deliveries(uow, planned, recipients)]
    facts = await gather_facts(uow, tasks)
    return [await _forecast(uow, task, facts, planned) for task in tasks]


async def _forecast(uow: UnitOfWork, task: Task, facts: Facts, planned: Notification) -> Forecast:
    verdict = decide(task, facts)
    if verdict.action == "send" and planned.send_at > uow.now:
        verdict = Verdict("defer", "scheduled", {"until": planned.send_at.isoformat()})
    if verdict.action == "send":
        verdict = await throttled(uow, task, facts, dry=True) or verdict
    forecast = Forecast(
        recipient=task.recipient,
        channel=task.channel,
        outcome=OUTCOMES[verdict.action],
        reason=verdict.reason,
        detail=verdict.detail,
    )
    try:
        rendered = compose(task, facts)
    except (NothingToSay, MessageSyntaxError) as error:
        if verdict.action == "suppress":
            return forecast
        return forecast.model_copy(
            update={"outcome": "suppressed", "reason": "no_text_for_channel", "detail": {"because": str(error)}}
        )
    words = {"locale": rendered.locale, "title": rendered.title, "body": rendered.body, "html": rendered.html}
    return forecast.model_copy(update=words)


def _task(planned: Notification, delivery: NewDelivery) -> Task:
    return Task(
        id=delivery.id,
        channel=delivery.channel,
        recipient=delivery.recipient,
        user_id=delivery.user_id,
        address=delivery.address,
        category=delivery.category,
        status="queued",
        attempts=0,
        notification_id=planned.id,
        template=planned.template,
        template_version=planned.template_version,
        content=planned.content,
        data=planned.data,
        locale=planned.locale,
        digest_key=planned.digest_key,
        digest_id=None,
        notification_status=planned.status,
        attachments=None,
        send_at=planned.send_at,
    )
