"""Notifications, declared."""

from septet.kernel.service import Service
from septet.services.notifications import jobs as _  # noqa: F401 - declares the jobs
from septet.services.notifications.dispatch.lifetime import dispatching
from septet.services.notifications.endpoints import (
    bounces,
    inbox,
    mailbox,
    preferences,
    push,
    sending,
    templates,
    unsubscribe,
    webhooks,
)
from septet.services.notifications.hot import hot_routes
from septet.services.notifications.settings import NotificationsSettings

SERVICE = Service(
    name="notifications",
    title="Notifications: in-app, e-mail, push and webhooks",
    routers=(
        sending.router,
        inbox.router,
        templates.router,
        preferences.router,
        unsubscribe.router,
        push.router,
        webhooks.router,
        bounces.router,
        mailbox.router,
    ),
    settings=NotificationsSettings,
    hot_routes=hot_routes,
    lifetimes={"worker": dispatching},
)
