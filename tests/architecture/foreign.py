"""What belongs to another tenant: its ids, read from the database, and requests that are made with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.platform import Platform

METHODS = ("get", "post", "put", "patch", "delete")
BODY_EXAMPLES = {
    "url": "https://example.com/",
    "email": "victim@example.com",
    "role": "MEMBER",
    "plan": "BUSINESS",
    "scopes": ["tenancy:read"],
    "slug": "taken-over",
    "domain": "taken-over.example",
    "statuses": [{"key": "x", "name": "X", "category": "backlog"}],
    "value": "x",
    "offValue": "y",
}
_TABLES = text(
    """SELECT n.nspname || '.' || c.relname AS name, array_agg(a.attname::text) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)'
       GROUP BY 1 HAVING bool_or(a.attname = 'tenant_id') ORDER BY 1"""
)


@dataclass(frozen=True)
class Table:
    """A table that holds rows of tenants."""

    name: str
    columns: list[str]


async def tables(platform: Platform) -> list[Table]:
    async with platform.runtime.postgres.engine.connect() as connection:
        return [Table(row.name, row.columns) for row in await connection.execute(_TABLES)]


async def rows_of(platform: Platform, tenant_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row of a tenant, by table, without what grows by itself (logs and archives keep their ids).

    A link's milestone does: every minute it follows the clicks, which are anybody's to make, the intruder's too.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    async with platform.runtime.postgres.session(tenant_id, None) as session:
        for table in await tables(platform):
            statement = text(
                f"SELECT to_jsonb(t) - 'milestone' FROM {table.name} t WHERE tenant_id = :tenant ORDER BY 1"
            )
            found[table.name] = list((await session.scalars(statement, {"tenant": tenant_id})).all())
    return found


@dataclass(frozen=True)
class Operation:
    """One operation of the OpenAPI document; `streams`: its answer does not end, which it must declare."""

    method: str
    path: str
    parameters: list[str]
    body: dict[str, Any] | None
    streams: bool

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """All of them, with the schema of their JSON body."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                content = operation.get("requestBody", {}).get("content", {})
                body = content.get("application/json", {}).get("schema")
                streams = "text/event-stream" in str(operation.get("responses"))
                yield Operation(method, path, re.findall(r"\{(\w+)\}", path), body, streams)


class ForeignValues:
    """Values of another tenant for path parameters and bodies."""

    def __init__(self, tenant_id: UUID, rows: dict[str, list[dict[str, Any]]], document: dict[str, Any]) -> None:
        self.tenant_id = tenant_id
        self._rows = rows
        self._schemas = document["components"]["schemas"]
        rows_with_id = (row for table in rows.values() for row in table if "id" in row)
        self.ids = {str(row["id"]) for row in rows_with_id} | {str(tenant_id)}
        """Every id that tells one of its rows; those of platform-wide plans and the like are nobody's."""

    def parameter(self, name: str) -> str:
        """A value of that tenant for a path parameter, by the name of a table or a column; random if there is none."""
        noun = name.removesuffix("_id")
        if noun == "organization":
            return str(self.tenant_id)
        for table, rows in self._rows.items():
            if rows and name.endswith("_id") and re.search(rf"(^|[._]){noun}s$", table) and "id" in rows[0]:
                return str(rows[0]["id"])
        for rows in self._rows.values():
            if rows and rows[0].get(name):
                return str(rows[0][name])
        return str(uuid4()) if name.endswith("_id") else "unknown"

    def body(self, schema: dict[str, Any] | None, name: str = "") -> Any:
        """A small body that the schema accepts, with foreign ids wherever an id goes."""
        if schema is None:
            return None
        if "$ref" in schema:
            return self.body(self._schemas[schema["$ref"].rpartition("/")[2]], name)
        if name in BODY_EXAMPLES:
            return BODY_EXAMPLES[name]
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self.body(next((o for o in options if o.get("type") != "null"), options[0]), name)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        return self._of_type(schema, name)

    def _of_type(self, schema: dict[str, Any], name: str) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return [self.body(schema.get("items", {}), name.removesuffix("s"))] * max(1, schema.get("minItems", 0))
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
        return self._string(schema, name)

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        wanted = [p for p in properties if p in required or _is_id(properties[p])]
        return {p: self.body(properties[p], p) for p in wanted}

    def _string(self, schema: dict[str, Any], name: str) -> str:
        snake = re.sub(r"([A-Z])", r"_\1", name).lower()
        if schema.get("format") == "uuid":
            by_name = {"id": "task_id", "before_id": "task_id", "after_id": "task_id", "parent_id": "task_id"}
            return self.parameter(by_name.get(snake, "user_id" if snake == "assignee_id" else snake))
        samples = {"date-time": "2030-01-01T00:00:00Z", "date": "2030-01-01", "uri": "https://example.com/"}
        return samples.get(schema.get("format", ""), (schema.get("examples") or ["abcdefgh"])[0])


def _is_id(schema: dict[str, Any]) -> bool:
    return "uuid" in str(schema)
