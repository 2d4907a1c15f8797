"""A limit is defined and run into."""

import asyncio
from typing import Any

import httpx

from septet.client.retrying import Refused
from septet.tour.figures import Between
from septet.tour.journey import POLL_SECONDS, Tour

LIMIT, CHECKS = 100, 120
ROUTE = "/tour/orders"


async def run_into_one(tour: Tour) -> None:
    """As many checks pass as the rule says, no more."""
    rule = {
        "name": "Tour", "scope": "user", "route": ROUTE, "algorithm": "fixed_window", "limit": LIMIT,
        "windowMs": 86_400_000,
    }  # fmt: skip
    rule_id = (await tour.ada.api.call("POST", "/limits/rules", rule))["id"]
    await tour.until("the rule is in force", lambda: _rule_that_decides(tour), lambda name: name == "Tour")
    answers, unanswered = await _checks(tour)
    allowed = sum(answer["allowed"] for answer in answers)
    console, api = f"/limits/{rule_id}", "POST /check"
    tour.check("checks allowed", allowed, Between(LIMIT - unanswered, LIMIT), console=console, api=api)
    denied = Between(CHECKS - LIMIT, CHECKS - LIMIT + unanswered)
    tour.check("checks denied", CHECKS - allowed, denied, console=console, api=api)
    rules = {answer["rule"] for answer in answers if not answer["allowed"]}
    tour.check("rule that denied", rules, {"Tour"}, console=console, api=api)


async def _checks(tour: Tour) -> tuple[list[Any], int]:
    """The answers, and how many checks had none: those may have been counted, and are asked again."""
    check = {"apiKey": tour.api_key, "route": ROUTE, "userId": tour.ben.id}
    answers: list[Any] = []
    unanswered = 0
    while len(answers) < CHECKS:
        try:
            answers.append(await tour.public.acting_as(None, patience=0).call("POST", "/check", check))
        except (httpx.TransportError, Refused):
            unanswered += 1
            await asyncio.sleep(POLL_SECONDS)
            if unanswered > CHECKS:
                raise
    return answers, unanswered


async def _rule_that_decides(tour: Tour) -> str | None:
    look = {"apiKey": tour.api_key, "route": ROUTE, "userId": tour.ben.id, "cost": 0}
    answer = await tour.public.call("POST", "/check", look)
    return str(answer["rule"])
