"""Lists and searches, the same for every kind of object."""

import re
from typing import Any

from septet.services.provider import store
from septet.services.provider.call import Call
from septet.services.provider.errors import InvalidParameter
from septet.services.provider.schemas import CreatedRange, Listed, Search

Json = dict[str, Any]
_CLAUSE = re.compile(r"""(-?)(\w+)(?:\[['"]([^'"]{1,40})['"]\])?(:|>=|<=|>|<)(null|-?\d+|'[^']*'|"[^"]*")""")
SEARCHABLE = frozenset(
    {"amount", "created", "currency", "customer", "email", "name", "phone", "status", "refunded", "disputed"}
)


async def listed(call: Call, kind: str, url: str, params: Listed, **where: str | None) -> Json:
    """A page of objects, newest first. Raises ResourceMissing for a cursor that names nothing."""
    for name, cursor in (("starting_after", params.starting_after), ("ending_before", params.ending_before)):
        if cursor is not None:
            await call.get(kind, cursor, param=name)
    created_from, created_to = _bounds(params.created)
    query = store.ListQuery(
        kind,
        {name: value for name, value in where.items() if value is not None},
        params.limit,
        params.starting_after,
        params.ending_before,
        created_from,
        created_to,
    )
    data, more = await store.page(call.uow, call.account, query)
    return {"object": "list", "data": data, "has_more": more, "url": url}


def _bounds(created: int | CreatedRange | None) -> tuple[int | None, int | None]:
    if created is None:
        return None, None
    if isinstance(created, int):
        return created, created
    lowest = created.gte if created.gt is None else created.gt + 1
    highest = created.lte if created.lt is None else created.lt - 1
    return lowest, highest


async def searched(call: Call, kind: str, url: str, params: Search) -> Json:
    """Objects that a query matches, newest first. Raises InvalidParameter for a query that cannot be read."""
    joiner = " OR " if re.search(r"\sOR\s", params.query) else " AND "
    clauses = [_clause(part.strip()) for part in re.split(rf"\s{joiner.strip()}\s", params.query, flags=re.IGNORECASE)]
    data, more = await store.search(call.uow, call.account, kind, clauses, joiner, params.limit, params.page)
    return {
        "object": "search_result",
        "data": data,
        "has_more": more,
        "next_page": data[-1]["id"] if more else None,
        "url": url,
    }


def _clause(text: str) -> store.Clause:
    match = _CLAUSE.fullmatch(text)
    if match is None:
        raise InvalidParameter(f"The search clause `{text}` cannot be read; write field:'value'.", param="query")
    negated, field, key, comparison, value = match.groups()
    if (field == "metadata" and key is None) or (field != "metadata" and (key is not None or field not in SEARCHABLE)):
        known = ", ".join(sorted(SEARCHABLE))
        raise InvalidParameter(f"`{field}` cannot be searched; metadata['key'] can, and {known}.", param="query")
    plain = None if value == "null" else value.strip("'\"")
    if comparison != ":" and (plain is None or not plain.lstrip("-").isdigit()):
        raise InvalidParameter(f"`{text}`: {comparison} compares with a number.", param="query")
    return store.Clause(field, key, "=" if comparison == ":" else comparison, plain, bool(negated))
