"""Notifications, declared."""

from septet.kernel.service import Service

SERVICE = Service(name="notifications", title="Notifications: in-app, e-mail, push and webhooks")
