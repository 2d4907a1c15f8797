"""Notifications: one call reaches people in the app, by e-mail, by push, and programs by signed webhooks.

Promises: an accepted notification is not lost, in-app entries appear exactly once, everything that leaves the house
goes out at least once under one stable id; every delivery tells which rule decided its fate. Recipients' preferences,
quiet hours and digests are kept. Non-goals: marketing campaigns, SMS, and knowing whether a sent e-mail was read.

An integration tells somebody something with `actions.notifying.notify`, within the unit of work of what happened:

    await notify(
        uow,
        template="payments.invoice_failed",           # or content={"title": …, "body": …, "link": …}
        user_id=…, user_ids=[…], email="ada@…",       # members, or an address; at least one of them
        data={"amount": "12 EUR", "link": f"{uow.public_url}/console/billing"},
        key=f"invoice:{invoice_id}:{uow.event_id}",   # the same key again is the same notification
        locale="pl", category=…, channels=["email"], send_at=…, digest_key=…,  # all optional
    )

Left away, `locale` is the recipient's own, `category` the template's, and `channels` in-app and e-mail for members,
e-mail for an address. A built-in template is a key in each of `system_templates/{en,pl,ar}.json`: subject, lines of
text, and the words on the button that leads to `data["link"]`; its category stands in `system_templates/__init__.py`.
`userName`, `userEmail` and `link` are always there; other variables that `data` lacks stay empty.

An event reaches webhooks by being emitted: every `@event(…)` that is not declared `public=False` is offered under its
name, once for each endpoint whose filter matches, with the event's id as `webhook-id`; nothing else is to be written.
`GET /event-types` lists them all, described by their docstring, with an example made from their fields.
"""
