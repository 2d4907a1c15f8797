"""The provider's queries, save those of the simulator. Objects are JSON documents; each query names the account."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from septet.kernel.uow import UnitOfWork

Json = dict[str, Any]

_BEGIN = text(
    """SELECT a.clock_offset, EXISTS (SELECT FROM provider.faults f WHERE f.account = a.id) AS chaotic,
              coalesce(pg_try_advisory_xact_lock(CAST(:lock AS bigint)), true) AS claimed,
              (SELECT json_agg(e.body) FROM provider.objects e
               WHERE e.account = a.id AND e.kind = 'webhook_endpoint')::text AS endpoints,
              i.fingerprint, i.status, i.body, i.request_id, i.expires_at
       FROM provider.accounts a
       LEFT JOIN provider.idempotency_keys i ON i.account = a.id AND i.key = CAST(:key AS text)
       WHERE a.id = :account"""
)
_OPEN_ACCOUNT = text("INSERT INTO provider.accounts (id) VALUES (:account) ON CONFLICT DO NOTHING")
_FIND = text("SELECT body::text FROM provider.objects WHERE account = :account AND id = :id AND kind = :kind")
_FIND_LOCKED = text(f"{_FIND.text} FOR UPDATE")
_FIND_MANY = text("SELECT id, body::text FROM provider.objects WHERE account = :account AND id = ANY(:ids)")
_SAVE = """INSERT INTO provider.objects (account, id, kind, created, body)
           SELECT :account, * FROM unnest(CAST(:ids AS text[]), CAST(:kinds AS text[]), CAST(:created AS bigint[]),
                                          CAST(:bodies AS jsonb[]))
           ON CONFLICT (account, id) DO UPDATE SET body = EXCLUDED.body"""
_REMEMBER = """INSERT INTO provider.idempotency_keys AS k
                 (account, key, fingerprint, request_id, status, body, expires_at)
               VALUES (:account, :key, :fingerprint, :request_id, :status, :body, :expires_at)
               ON CONFLICT (account, key) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status,
                 body = EXCLUDED.body, request_id = EXCLUDED.request_id, expires_at = EXCLUDED.expires_at
               WHERE k.expires_at <= :now RETURNING 1"""
_SAVE_ONLY, _REMEMBER_ONLY = text(_SAVE), text(_REMEMBER)
_SAVE_AND_REMEMBER = text(f"WITH saved AS ({_SAVE}) {_REMEMBER}")
_DELETE = text("DELETE FROM provider.objects WHERE account = :account AND id = :id")
_FORGET_KEYS = text("DELETE FROM provider.idempotency_keys WHERE expires_at <= :now")

FILTERS = frozenset(
    {
        "customer",
        "payment_intent",
        "charge",
        "source",
        "type",
        "status",
        "product",
        "active",
        "email",
        "currency",
        "invoice",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and the idempotency key that remembers it; without a key nobody does."""

    status: int
    body: str
    key: str
    fingerprint: bytes
    request_id: str
    expires_at: int


async def begin(uow: UnitOfWork, account: str, key: str | None, lock: int | None) -> Row[Any]:
    """The account's clock, faults and webhook endpoints, and what the idempotency key remembers; takes the key's lock.

    The lock is taken and the answer read in one statement, so an answer that is committed between the two is not seen:
    `save` then refuses the second execution.
    """
    parameters = {"account": account, "key": key, "lock": lock}
    found = (await uow.execute(_BEGIN, parameters)).first()
    if found is None:
        await uow.execute(_OPEN_ACCOUNT, {"account": account})
        found = (await uow.execute(_BEGIN, parameters)).one()
    return found


async def find(uow: UnitOfWork, account: str, kind: str, object_id: str, *, lock: bool) -> Json | None:
    """One object; `lock` holds it until the transaction ends."""
    statement = _FIND_LOCKED if lock else _FIND
    body = (await uow.execute(statement, {"account": account, "id": object_id, "kind": kind})).scalar()
    return json.loads(body) if body is not None else None


async def find_many(uow: UnitOfWork, account: str, ids: Sequence[str]) -> dict[str, Json]:
    rows = await uow.execute(_FIND_MANY, {"account": account, "ids": list(ids)})
    return {row.id: json.loads(row.body) for row in rows}


async def save(uow: UnitOfWork, account: str, objects: Sequence[Json], answer: Answer | None, now: int) -> bool:
    """Write changed objects and the answer in one statement; False when the key has an answer already."""
    parameters: Json = {"account": account}
    if objects:
        parameters |= {
            "ids": [each["id"] for each in objects],
            "kinds": [each["object"] for each in objects],
            "created": [each["created"] for each in objects],
            "bodies": [json.dumps(each) for each in objects],
        }
    if answer is None:
        if objects:
            await uow.execute(_SAVE_ONLY, parameters)
        return True
    parameters |= {
        "key": answer.key,
        "fingerprint": answer.fingerprint,
        "request_id": answer.request_id,
        "status": answer.status,
        "body": answer.body,
        "expires_at": answer.expires_at,
        "now": now,
    }
    result = await uow.execute(_SAVE_AND_REMEMBER if objects else _REMEMBER_ONLY, parameters)
    return result.first() is not None


async def delete(uow: UnitOfWork, account: str, object_id: str) -> None:
    await uow.execute(_DELETE, {"account": account, "id": object_id})


async def forget_expired_keys(uow: UnitOfWork, now: int) -> None:
    await uow.execute(_FORGET_KEYS, {"now": now})


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One page of a list: newest first. `where` compares fields named in FILTERS; `created` bounds are inclusive."""

    kind: str
    where: dict[str, str]
    limit: int
    starting_after: str | None = None
    ending_before: str | None = None
    created_from: int | None = None
    created_to: int | None = None


_AFTER_CURSOR = "seq > (SELECT seq FROM provider.objects WHERE account = :account AND id = :cursor)"
_BEFORE_CURSOR = "seq < (SELECT seq FROM provider.objects WHERE account = :account AND id = :cursor)"


async def page(uow: UnitOfWork, account: str, query: ListQuery) -> tuple[list[Json], bool]:
    """The objects and whether there are more."""
    assert query.where.keys() <= FILTERS
    conditions = ["account = :account", "kind = :kind"]
    parameters: Json = {"account": account, "kind": query.kind, "limit": query.limit + 1}
    for field, value in query.where.items():
        conditions.append(f"body->>'{field}' = :{field}")
        parameters[field] = value
    for name, comparison in (("created_from", ">="), ("created_to", "<=")):
        if (bound := getattr(query, name)) is not None:
            conditions.append(f"created {comparison} :{name}")
            parameters[name] = bound
    backwards = query.ending_before is not None
    if cursor := query.ending_before or query.starting_after:
        conditions.append(_AFTER_CURSOR if backwards else _BEFORE_CURSOR)
        parameters["cursor"] = cursor
    direction = "ASC" if backwards else "DESC"
    statement = f"""SELECT body::text FROM provider.objects WHERE {" AND ".join(conditions)}
                    ORDER BY seq {direction} LIMIT :limit"""  # noqa: S608 - only names from FILTERS
    found = [json.loads(body) for body in (await uow.execute(text(statement), parameters)).scalars()]
    shown = found[: query.limit]
    return (shown[::-1] if backwards else shown), len(found) > query.limit


_BALANCE = text(
    """SELECT body->>'currency' AS currency, sum((body->>'net')::bigint) AS net,
              sum((body->>'net')::bigint) FILTER (WHERE (body->>'available_on')::bigint <= :now) AS available
       FROM provider.objects WHERE account = :account AND kind = 'balance_transaction' GROUP BY 1 ORDER BY 1"""
)


async def balance(uow: UnitOfWork, account: str, now: int) -> Sequence[Row[Any]]:
    """Net of all balance transactions per currency, and how much of it is available."""
    return (await uow.execute(_BALANCE, {"account": account, "now": now})).all()


@dataclass(frozen=True, slots=True)
class Clause:
    """`field` comparison `value`; a value of None asks whether the field is absent. `key`: of metadata."""

    field: str
    key: str | None
    comparison: str
    value: str | None
    negated: bool


async def search(
    uow: UnitOfWork, account: str, kind: str, clauses: Sequence[Clause], joiner: str, limit: int, after: str | None
) -> tuple[list[Json], bool]:
    """The matching objects, newest first, and whether there are more."""
    parameters: Json = {"account": account, "kind": kind, "limit": limit + 1, "after": after}
    conditions = [_condition(clause, f"value{n}", parameters) for n, clause in enumerate(clauses)]
    # The index on metadata is partial: naming its condition with literals lets the planner use it.
    statement = f"""SELECT body::text FROM provider.objects WHERE account = :account AND kind = :kind
        AND ({joiner.join(conditions)}) AND (CAST(:after AS text) IS NULL OR seq <
          (SELECT seq FROM provider.objects WHERE account = :account AND id = :after)) ORDER BY seq DESC LIMIT :limit"""  # noqa: S608 - fields are checked
    found = [json.loads(body) for body in (await uow.execute(text(statement), parameters)).scalars()]
    return found[:limit], len(found) > limit


def _condition(clause: Clause, name: str, parameters: Json) -> str:
    if clause.key is not None and clause.value is not None:
        parameters[name] = json.dumps({clause.key: clause.value})
        condition = f"(body->'metadata' <> '{{}}' AND body->'metadata' @> CAST(:{name} AS jsonb))"
    elif clause.key is not None:
        parameters[name] = clause.key
        condition = f"NOT jsonb_exists(body->'metadata', :{name})"
    elif clause.value is None:
        condition = f"body->>'{clause.field}' IS NULL"
    elif clause.comparison == "=":
        parameters[name] = clause.value
        condition = f"body->>'{clause.field}' = :{name}"
    else:
        parameters[name] = int(clause.value)
        condition = f"(body->>'{clause.field}')::numeric {clause.comparison} :{name}"
    return f"NOT coalesce({condition}, false)" if clause.negated else condition
