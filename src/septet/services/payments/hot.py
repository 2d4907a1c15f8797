"""`POST /payments/webhook` in the fast lane: an event whose signature fits, to be stored with others of the moment.

Everything else (a signature that does not fit what is known, a body that is no event) is declined, so the ordinary
endpoint answers it and says it in one place only.
"""

import asyncio
from collections.abc import Sequence

from septet.kernel.errors import Problem
from septet.kernel.fastlane import Answer, HotRequest, HotRoute, render_headers
from septet.kernel.fastlane_request import render_problem
from septet.kernel.runtime import Runtime
from septet.services.payments.intake import intake_of
from septet.services.payments.schemas import Received
from septet.services.payments.signatures import signatures_of

_JSON = render_headers([(b"content-type", b"application/json")])
_RECEIVED = Received().model_dump_json(by_alias=True).encode()


def hot_routes(runtime: Runtime) -> Sequence[HotRoute]:
    return [HotRoute(b"POST", b"/payments/webhook", WebhookLane(runtime).handle)]


class WebhookLane:
    """The route in one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._signatures = signatures_of(runtime)
        self._intake = intake_of(runtime)

    def handle(self, request: HotRequest, answer: Answer) -> None:
        header, body = (request.headers.get(b"stripe-signature") or b"").decode("latin-1"), bytes(request.body)
        try:
            if not self._signatures.fits_now(header, body):
                answer.decline()
                return
            stored = self._intake.submit(body)
        except Problem:
            answer.decline()
            return
        stored.add_done_callback(lambda done: _answer(answer, done))


def _answer(answer: Answer, stored: asyncio.Future[None]) -> None:
    error = stored.exception()
    if error is None:
        answer(200, _JSON, _RECEIVED)
    elif isinstance(error, Problem):
        answer(*render_problem(error))
    else:
        raise error
