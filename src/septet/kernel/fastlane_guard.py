"""The guard of requests (rate limits), asked by hot routes as the route wrapper asks it for ordinary endpoints."""

from typing import TYPE_CHECKING

from septet.kernel.errors import Problem
from septet.kernel.fastlane_request import Answer, render_headers, render_problem
from septet.kernel.identity import Actor

if TYPE_CHECKING:
    from septet.kernel.runtime import Runtime


async def admitted(runtime: "Runtime", actor: Actor, method: str, route: str, answer: Answer) -> bytes | None:
    """Header lines that tell the organization's limits; None where they refuse, and the refusal has been answered."""
    try:
        told = await runtime.guard_request(actor, method, route)
    except Problem as refusal:
        answer(*render_problem(refusal))
        return None
    return render_headers([(name.encode(), value.encode()) for name, value in told.items()])
