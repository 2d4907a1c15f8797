"""`/unsubscribe/{token}`: one click in a mail program (RFC 8058), or the preference page, without logging in.

GET changes nothing, because mail scanners follow links; it shows a page with buttons.
"""

import html
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Path, Request
from fastapi.responses import HTMLResponse

from septet.kernel.http import PublicUow, Router, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions import preferences as actions
from septet.services.notifications.errors import UnsubscribeTokenInvalid
from septet.services.notifications.unsubscribing import Subject, unseal

router = Router("notifications", tag="preferences")
Token = Annotated[str, Path(max_length=1000, description="The token of the mail's link.")]

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>E-mail preferences</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>body{{font-family:system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;line-height:1.5}}
button{{font:inherit;padding:.5rem 1rem;border-radius:6px;border:1px solid #868e96;cursor:pointer}}
fieldset{{border:1px solid #dee2e6;border-radius:6px;margin:1rem 0}}label{{display:block}}.said{{color:#2b8a3e}}</style>
</head><body><h1>E-mail preferences</h1><p>For <strong>{recipient}</strong></p>{said}
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>Unsubscribe from “{category}”</button></form>
<form method="post"><fieldset><legend>Send me e-mail about</legend>{choices}
<label><input type="checkbox" name="opt-out" {out}> Nothing at all, but what my account needs</label></fieldset>
<button name="choices" value="save">Save</button></form></body></html>"""


@router.get(
    "/unsubscribe/{token}",
    summary="The preference page of a mail's recipient; changes nothing",
    response_class=HTMLResponse,
    responses=refusals(UnsubscribeTokenInvalid),
)
async def show_preferences(token: Token, uow: PublicUow) -> HTMLResponse:
    return await _page(uow, unseal(uow.runtime, token), "")


@router.post(
    "/unsubscribe/{token}",
    summary="Unsubscribe with one click (RFC 8058), or save the preference page",
    response_class=HTMLResponse,
    responses=refusals(UnsubscribeTokenInvalid),
)
async def unsubscribe(token: Token, uow: PublicUow, request: Request) -> HTMLResponse:
    subject = unseal(uow.runtime, token)
    form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    if "choices" in form:
        shown, _ = await actions.page_of(uow, subject)
        emails = {name: f"email:{name}" in form for name in shown}
        await actions.choose_by_link(uow, subject, emails, opt_out="opt-out" in form)
        return await _page(uow, subject, "Saved.")
    await actions.unsubscribe(uow, subject)
    return await _page(uow, subject, f"You are unsubscribed from “{subject.category}”.")


async def _page(uow: UnitOfWork, subject: Subject, said: str) -> HTMLResponse:
    emails, opt_out = await actions.page_of(uow, subject)
    recipient = subject.recipient if "@" in subject.recipient else "your account"
    choices = "".join(
        f'<label><input type="checkbox" name="email:{html.escape(name)}" {"checked" if wanted else ""}> '
        f"{html.escape(name)}</label>"
        for name, wanted in emails.items()
    )
    return HTMLResponse(
        PAGE.format(
            recipient=html.escape(recipient),
            category=html.escape(subject.category),
            said=f'<p class="said">{html.escape(said)}</p>' if said else "",
            choices=choices,
            out="checked" if opt_out else "",
        )
    )
