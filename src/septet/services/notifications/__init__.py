"""Notifications: in-app, e-mail, push and webhooks."""
