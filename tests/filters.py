"""Wherever Septet runs in a test's own process, a statement on a table of tenants must say whose rows it means.

Row-level security would hold without that. But then one policy lost were everybody's data lost.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Insert, Table, TextClause, event
from sqlalchemy.sql.elements import BinaryExpression, Tuple
from sqlalchemy.sql.operators import eq, in_op
from sqlalchemy.sql.selectable import AliasedReturnsRows

TENANT = "tenant_id"
OF_ALL_TENANTS = (
    "SELECT tenancy.domains.tenant_id FROM",  # whose a domain is that somebody has proven
    "SELECT * FROM notifications.mail_of_all_tenants(",  # what the open mailbox of a development machine shows
    "tenancy.organizations.tenant_id = tenancy.memberships.tenant_id "
    "WHERE tenancy.memberships.user_id = ",  # the organizations to which somebody belongs
)
"""What statements say that mean all tenants' rows, as far as row-level security lets them."""


class UnfilteredStatement(AssertionError):
    """A statement names a table of tenants and compares its tenant with nothing."""


def refuse_unfiltered() -> None:
    """From now on such a statement raises UnfilteredStatement, on whichever engine."""
    known: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()

    def look(_: Any, __: Any, sql: str, ___: Any, context: Any, ____: bool) -> None:
        compiled = getattr(context, "compiled", None)
        if compiled is None:
            return
        if compiled not in known:
            meant = any(said in " ".join(sql.split()) for said in OF_ALL_TENANTS)
            known[compiled] = [] if meant else tables_without_filter(compiled.statement)
        if known[compiled]:
            refuse(sql, known[compiled])

    event.listen(Engine, "before_cursor_execute", look)


def refuse(sql: str, tables: Sequence[str]) -> None:
    raise UnfilteredStatement(f"no `tenant_id = …` for {', '.join(tables)} in: {sql}")


def tables_without_filter(statement: Any) -> list[str]:
    """Names of its tables and aliases whose `tenant_id` equals no value, not even by way of another table's.

    Of a statement written as text only this is asked, whether it says `tenant_id =`. Rows that are inserted carry their
    tenant, which row-level security checks.
    """
    parts = list(_parts(statement))
    if any(isinstance(part, TextClause) and f"{TENANT} =" in part.text for part in parts):
        return []
    named = {_name(part) for part in parts if _is_of_tenants(part)}
    if isinstance(statement, Insert):
        named.discard(_name(statement.table))
    equal = [pair for part in parts for pair in _equal_tenants(part)]
    filtered = {table for pair in equal if None in pair for table in pair}
    while more := {table for pair in equal if pair & filtered for table in pair} - filtered:
        filtered |= more
    return sorted(named - {table for table in filtered if table})


def _parts(element: Any) -> Iterator[Any]:
    yield element
    if not (isinstance(element, AliasedReturnsRows) and isinstance(element.element, Table)):
        for part in element.get_children():
            yield from _parts(part)


def _is_of_tenants(part: Any) -> bool:
    table = part.element if isinstance(part, AliasedReturnsRows) else part
    return isinstance(table, Table) and TENANT in table.c


def _name(table: Any) -> str:
    return str(table.fullname if isinstance(table, Table) else table.name)


def _equal_tenants(part: Any) -> Iterator[frozenset[str | None]]:
    """The names of two tables whose tenants an expression says to be equal; None stands for a value."""
    if isinstance(part, BinaryExpression) and part.operator in (eq, in_op):
        left, right = ([*side.clauses] if isinstance(side, Tuple) else [side] for side in (part.left, part.right))
        for one, other in zip_longest(left, right):
            if _table(one) or _table(other):
                yield frozenset((_table(one), _table(other)))


def _table(side: Any) -> str | None:
    table = getattr(side, "table", None)
    return _name(table) if getattr(side, "name", "") == TENANT and _is_of_tenants(table) else None
