"""3-D Secure: the page on which a person, or a test, passes or fails the bank's authentication.

It is reached by the URL in `next_action.redirect_to_url.url`, which holds the intent's client secret. GET shows two
buttons; POST with `outcome=complete` or `outcome=fail` presses one.
"""

import html
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from septet.kernel.uow import UnitOfWork
from septet.services.provider import deliveries, store
from septet.services.provider.actions import payment_intents, setup_intents
from septet.services.provider.call import Call
from septet.services.provider.errors import StripeError
from septet.services.provider.forms import decode_form
from septet.services.provider.identifiers import random_text

router = APIRouter(prefix="/simulator/authenticate", tags=["simulator"])
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>3-D Secure test page</title>
<body style="font-family: sans-serif; max-width: 30rem; margin: 4rem auto"><h1>3-D Secure test page</h1>
<p>{text}</p>{form}"""
FORM = """<form method="post"><button name="outcome" value="complete">Complete authentication</button>
<button name="outcome" value="fail">Fail authentication</button></form>"""


@router.get("/{account}/{client_secret}", summary="The authentication page", response_class=HTMLResponse)
async def show(account: str, client_secret: str, request: Request) -> Response:
    async with UnitOfWork(request.app.state.runtime) as uow:
        call = await _call(uow, account, client_secret, request)
        intent = await _intent(call, client_secret)
    if intent is None or intent["status"] != "requires_action":
        return _page("There is nothing to authenticate here.", 404 if intent is None else 200)
    return _page("A test payment asks for your authentication. No money moves.", 200, FORM)


@router.post("/{account}/{client_secret}", summary="Pass or fail the authentication", response_class=HTMLResponse)
async def press(account: str, client_secret: str, request: Request) -> Response:
    outcome = decode_form((await request.body()).decode(errors="replace")).get("outcome")
    async with UnitOfWork(request.app.state.runtime) as uow:
        call = await _call(uow, account, client_secret, request)
        intent = await _intent(call, client_secret)
        if intent is None:
            return _page("There is nothing to authenticate here.", 404)
        verb = payment_intents.authenticate if intent["object"] == "payment_intent" else setup_intents.authenticate
        try:
            await verb(call, passed=outcome == "complete")
        except StripeError as error:
            if not error.keeps_changes:
                return _page(str(error), error.status)
        await deliveries.plan(call)
        await store.save(uow, account, [*call.changed.values(), *call.events], None, call.now)
        await uow.commit()
    return _back(intent, "succeeded" if outcome == "complete" else "failed")


async def _call(uow: UnitOfWork, account: str, client_secret: str, request: Request) -> Call:
    intent_id = client_secret.partition("_secret_")[0]
    state = await store.begin(uow, account, None, None)
    now = int(uow.clock.unix() + state.clock_offset)
    return Call(
        uow, account, now, "authenticate", f"req_{random_text(14)}", None, {"id": intent_id}, str(request.base_url),
        endpoints=state.endpoints, chaotic=state.chaotic,
    )  # fmt: skip


async def _intent(call: Call, client_secret: str) -> dict[str, object] | None:
    for kind in ("payment_intent", "setup_intent"):
        found = await call.find(kind, call.path["id"])
        if found is not None and found["client_secret"] == client_secret:
            return found
    return None


def _back(intent: dict[str, object], outcome: str) -> Response:
    """To the shop, with what Stripe appends; without a return URL, say that it is done."""
    action = intent["next_action"]
    target = action["redirect_to_url"]["return_url"] if isinstance(action, dict) else None
    if not target or urlsplit(target).scheme not in ("http", "https"):
        return _page(f"The authentication has {outcome}. You may close this page.", 200)
    separator = "&" if urlsplit(target).query else "?"
    kind = intent["object"]
    query = f"{kind}={intent['id']}&{kind}_client_secret={intent['client_secret']}&redirect_status={outcome}"
    return RedirectResponse(f"{target}{separator}{query}", 303)


def _page(text: str, status: int, form: str = "") -> Response:
    return HTMLResponse(PAGE.format(text=html.escape(text), form=form), status)
