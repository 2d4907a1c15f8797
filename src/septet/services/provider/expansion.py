"""`expand[]`: ids in an answer are replaced by the objects they name, level by level, one query a level."""

from typing import Any

from septet.kernel.uow import UnitOfWork
from septet.services.provider import store
from septet.services.provider.errors import InvalidParameter

Json = dict[str, Any]
DEEPEST = 4
_LISTS = {"refunds": ("refund", "charge")}


async def expanded(uow: UnitOfWork, account: str, answer: Json, paths: list[str]) -> Json:
    """The answer with these paths expanded. Raises InvalidParameter for a path that is too deep or names nothing."""
    for path in sorted(paths):
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise InvalidParameter(
                f"You cannot expand more than {DEEPEST} levels of a property: {path}.", param="expand"
            )
        nodes = [answer]
        for part in parts:
            nodes = await _step(uow, account, nodes, part, path)
    return answer


async def _step(uow: UnitOfWork, account: str, nodes: list[Json], part: str, path: str) -> list[Json]:
    if part in _LISTS:
        return [await _embed_list(uow, account, node, part) for node in nodes]
    if nodes and not any(part in node for node in nodes):
        raise InvalidParameter(f"This property cannot be expanded ({path}).", param="expand")
    wanted = [node[part] for node in nodes if isinstance(node.get(part), str)]
    found = await store.find_many(uow, account, wanted) if wanted else {}
    reached: list[Json] = []
    for node in nodes:
        value = node.get(part)
        if isinstance(value, str) and value in found:
            value = node[part] = dict(found[value])
        if isinstance(value, dict):
            reached.append(value)
        elif isinstance(value, list):
            reached += [each for each in value if isinstance(each, dict)]
    return reached


async def _embed_list(uow: UnitOfWork, account: str, node: Json, part: str) -> Json:
    kind, field = _LISTS[part]
    query = store.ListQuery(kind, {"payment_intent": node["payment_intent"], field: node["id"]}, 100)
    data, more = await store.page(uow, account, query)
    node[part] = {"object": "list", "data": data, "has_more": more, "url": f"/v1/{part}"}
    embedded: Json = node[part]
    return embedded
