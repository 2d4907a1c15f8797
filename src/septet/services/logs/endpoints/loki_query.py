"""Loki's reading side, for Grafana and `logcli`: `query_range`, `labels`, `label/{name}/values`."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import JSONResponse

from septet.kernel.clickhouse import QueryOverBudget
from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import refusals
from septet.kernel.http.dependencies import bearer
from septet.services.logs.errors import BadSearch
from septet.services.logs.permissions import READ_LOGS
from septet.services.logs.search import logql, loki_answers
from septet.services.logs.search.filters import nanoseconds
from septet.services.logs.shipping import ShippingRoute, runtime_of, shipper

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
READING = refusals(Unauthenticated, Forbidden, BadParameter, BadSearch, QueryOverBudget)
WANTED_POINTS = 250

router = APIRouter(tags=["logs: Loki"], route_class=ShippingRoute, dependencies=[Security(bearer)])
Start = Annotated[str | None, Query(max_length=40, description="Nanoseconds or seconds since 1970, or RFC 3339.")]
End = Annotated[str | None, Query(max_length=40, description="Likewise; now when left away.")]


@router.get("/loki/api/v1/query_range", summary="LogQL over a range of time", responses=READING)
async def loki_query_range(
    request: Request,
    query: Annotated[str, Query(max_length=5000, description="LogQL; see the documentation for the subset.")],
    start: Start = None,
    end: End = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="Lines at most.")] = 100,
    direction: Annotated[
        Literal["backward", "forward", "BACKWARD", "FORWARD"], Query(description="Newest or oldest lines first.")
    ] = "backward",
    step: Annotated[str | None, Query(max_length=20, description="Seconds, or a duration such as `30s`.")] = None,
) -> JSONResponse:
    tenant = await shipper(request, READ_LOGS)
    runtime = runtime_of(request)
    parsed = logql.parse(query)
    first, last = _range(request, start, end)
    if parsed.aggregation is None:
        newest = direction.lower() == "backward"
        answer = await loki_answers.streams(
            runtime, tenant, parsed, start=first, end=last, limit=limit, newest_first=newest
        )
    else:
        length = _step(step) or max(SECOND, (last - first) // WANTED_POINTS)
        answer = await loki_answers.matrix(runtime, tenant, parsed, start=first, end=last, step=length)
    return JSONResponse(answer)


@router.get("/loki/api/v1/labels", summary="The labels that lines have (Loki)", responses=READING)
async def loki_labels(request: Request, start: Start = None, end: End = None) -> JSONResponse:
    tenant = await shipper(request, READ_LOGS)
    return JSONResponse(await loki_answers.labels(runtime_of(request), tenant, *_range(request, start, end)))


@router.get("/loki/api/v1/label/{name}/values", summary="The values of a label (Loki)", responses=READING)
async def loki_label_values(name: str, request: Request, start: Start = None, end: End = None) -> JSONResponse:
    tenant = await shipper(request, READ_LOGS)
    return JSONResponse(await loki_answers.values(runtime_of(request), tenant, name, *_range(request, start, end)))


def _range(request: Request, start: str | None, end: str | None) -> tuple[int, int]:
    """Nanoseconds since 1970; by default the last hour. Raises BadParameter (400)."""
    last = _moment(end) if end else nanoseconds(runtime_of(request).clock.now())
    first = _moment(start) if start else last - HOUR
    if first > last:
        raise BadParameter("`start` is after `end`.")
    return first, last


def _moment(text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        try:
            return nanoseconds(datetime.fromisoformat(text))
        except ValueError:
            raise BadParameter(f"{text!r} is no time; give nanoseconds, seconds or RFC 3339.") from None
    if "." not in text and abs(number) >= 1e15:
        return _within(int(text))
    return _within(int(number * SECOND) if abs(number) < 1e11 else int(number * 1_000_000))


def _within(moment: int) -> int:
    return max(-(2**62), min(2**62, moment))


def _step(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        seconds = float(text) if text.replace(".", "", 1).isdigit() else logql.duration(text)
    except (KeyError, AssertionError):
        seconds = 0.0
    if seconds <= 0 or seconds > 1e9:
        raise BadParameter("`step` is a number of seconds above 0, or a duration such as `30s`.")
    return max(1, int(seconds * SECOND))
