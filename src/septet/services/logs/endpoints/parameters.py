"""The parameters by which every question about logs says which lines it means."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from septet.kernel.wire import Moment
from septet.services.logs.schemas import Level
from septet.services.logs.search.filters import Filter

PREFIX = "attr."
MOST_ATTRIBUTES = 50


def _filter(
    request: Request,
    service: Annotated[list[str] | None, Query(max_length=50, description="This service; may be repeated.")] = None,
    level: Annotated[list[Level] | None, Query(description="This level; may be repeated.")] = None,
    min_level: Annotated[Level | None, Query(alias="minLevel", description="This level and the worse ones.")] = None,
    start: Annotated[Moment | None, Query(alias="from", description="From this moment on (RFC 3339).")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="Before this moment (RFC 3339).")] = None,
    q: Annotated[str | None, Query(max_length=1000, description='Words, "phrases", prefix*, -not, OR, (…).')] = None,
) -> Filter:
    attributes: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name.startswith(PREFIX) and len(name) > len(PREFIX) and len(attributes) < MOST_ATTRIBUTES:
            attributes.setdefault(name.removeprefix(PREFIX), []).append(value)
    return Filter(service or (), level or (), min_level, start, end, q, attributes)


FilterQuery = Annotated[Filter, Depends(_filter)]
OrderQuery = Annotated[
    Literal["newest", "oldest", "desc", "asc"], Query(description="`newest` (or `desc`) first, or `oldest` (`asc`).")
]


def order_of(order: str) -> Literal["newest", "oldest"]:
    return "oldest" if order in ("oldest", "asc") else "newest"
