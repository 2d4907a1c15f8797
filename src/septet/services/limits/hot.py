"""`POST /check` and `POST /check/batch` in the fast lane; whatever is not plain is left to the ordinary endpoints."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder

from septet.kernel.errors import Problem
from septet.kernel.fastlane import Answer, HotRequest, HotRoute
from septet.kernel.runtime import Runtime
from septet.services.limits.answers import Batch, Decision
from septet.services.limits.limiter import Limiter, limiter_of
from septet.services.limits.ruleset import Ruleset
from septet.services.limits.schemas import LARGEST_BATCH, LARGEST_COST

T = TypeVar("T")

JSON = b"content-type: application/json\r\n"


class PlainCheck(Struct, rename="camel", forbid_unknown_fields=True, gc=False):
    """A `CheckIn`, read in a third of the time. It accepts nothing that `CheckIn` refuses, which says why."""

    api_key: Annotated[str, Meta(max_length=200)]
    route: Annotated[str, Meta(min_length=1, max_length=1000)]
    user_id: Annotated[str, Meta(max_length=200)]
    cost: Annotated[int, Meta(ge=-LARGEST_COST, le=LARGEST_COST)] = 1
    method: Annotated[str, Meta(max_length=20)] | None = None
    plan: Annotated[str, Meta(max_length=50)] | None = None


class PlainBatch(Struct, forbid_unknown_fields=True):
    checks: Annotated[list[PlainCheck], Meta(min_length=1, max_length=LARGEST_BATCH)]


_CHECK = Decoder(PlainCheck)
_BATCH = Decoder(PlainBatch)


def hot_routes(runtime: Runtime) -> Sequence[HotRoute]:
    limiter = limiter_of(runtime)
    lane = HotChecks(limiter)
    return [HotRoute(b"POST", b"/check", lane.check), HotRoute(b"POST", b"/check/batch", lane.batch)]


class HotChecks:
    """A problem of any kind is the ordinary endpoint's to tell: nothing was changed then."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    def check(self, request: HotRequest, answer: Answer) -> None:
        if (body := _read(_CHECK, request)) is None:
            answer.decline()
            return
        try:
            rules = self._limiter.known(body.api_key)
        except Problem:
            answer.decline()
            return
        if rules is not None:
            self._decide(body, answer, rules)
        else:
            self._later(partial(self._limiter.rules_of, body.api_key), partial(self._decide, body, answer), answer)

    def _decide(self, body: PlainCheck, answer: Answer, rules: Ruleset) -> None:
        self._limiter.decide_now(
            rules, partial(_tell, answer), body.route, body.user_id, body.cost, body.method, body.plan
        )

    def batch(self, request: HotRequest, answer: Answer) -> None:
        if (body := _read(_BATCH, request)) is None:
            answer.decline()
            return
        keys = {check.api_key for check in body.checks}
        try:
            rules = {key: known for key in keys if (known := self._limiter.known(key)) is not None}
        except Problem:
            answer.decline()
            return
        if len(rules) == len(keys):
            self._decide_all(body, answer, rules)
        else:
            self._later(partial(self._rules_of_all, body), partial(self._decide_all, body, answer), answer)

    async def _rules_of_all(self, body: PlainBatch) -> dict[str, Ruleset]:
        return {key: await self._limiter.rules_of(key) for key in {check.api_key for check in body.checks}}

    def _decide_all(self, body: PlainBatch, answer: Answer, rules: dict[str, Ruleset]) -> None:
        batch = Batch(len(body.checks), partial(answer, 200, JSON))
        for position, each in enumerate(body.checks):
            self._limiter.decide_now(
                rules[each.api_key],
                partial(batch.decided, position),
                each.route,
                each.user_id,
                each.cost,
                each.method,
                each.plan,
            )

    def _later(self, ask: Callable[[], Awaitable[object]], decide: Callable[..., None], answer: Answer) -> None:
        """Ask for what this process does not know yet, then decide."""

        async def work() -> None:
            try:
                found = await ask()
            except Problem:
                answer.decline()
            else:
                decide(found)

        answer.later(work())


def _read(decoder: Decoder[T], request: HotRequest) -> T | None:
    """The body, None when it is not plainly a good one."""
    if request.headers.get(b"content-type") != b"application/json":
        return None
    try:
        return decoder.decode(request.body)
    except (DecodeError, RecursionError):
        return None


def _tell(answer: Answer, decision: Decision) -> None:
    answer(200, JSON + decision.header_lines(), decision.body())
