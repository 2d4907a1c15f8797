"""Elasticsearch's `_bulk`: `create` and `index` actions with their documents, each with an answer of its own."""

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from septet.kernel.errors import MalformedBody
from septet.services.logs.intake import Wrapped

PRODUCT = {"X-Elastic-Product": "Elasticsearch"}
VERSION = "8.19.0"


class _Target(msgspec.Struct, rename={"index": "_index", "id": "_id"}):
    index: str | None = None
    id: str | None = None


class _Action(msgspec.Struct):
    create: _Target | None = None
    index: _Target | None = None
    update: _Target | None = None
    delete: _Target | None = None


@dataclass(slots=True)
class Item:
    """One action; `status` 201 until something speaks against it."""

    verb: Literal["create", "index", "update", "delete"]
    index: str
    id: str | None
    line: Wrapped | None
    status: int = 201
    fault: str = ""
    kind: str = field(default="illegal_argument_exception")

    @property
    def wanted(self) -> bool:
        """Whether its document is to be stored."""
        return self.status == 201

    @property
    def line_id(self) -> str:
        return f"{self.index}\0{self.id}"

    def refuse(self, status: int, kind: str, fault: str) -> None:
        self.status, self.kind, self.fault = status, kind, fault

    def answer(self) -> dict[str, Any]:
        """This item of the response's `items`."""
        named: dict[str, Any] = {"_index": self.index, "_id": self.id, "status": self.status}
        if self.fault:
            return {self.verb: {**named, "error": {"type": self.kind, "reason": self.fault}}}
        result = "created" if self.status == 201 else "noop"
        return {self.verb: {**named, "result": result, "_version": 1}}


_ACTION = msgspec.json.Decoder(_Action)
_DOCUMENT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(body: bytes, default_index: str) -> list[Item]:
    """The items of a bulk request. Raises MalformedBody (400) when actions and documents cannot be told apart."""
    lines = iter([line for line in body.split(b"\n") if line.strip()])
    items = []
    for number, line in enumerate(lines, 1):
        try:
            action = _ACTION.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise MalformedBody(f"Action {number} cannot be read: {error}.") from error
        if action.create is not None or action.index is not None:
            items.append(_stored("create" if action.create is not None else "index", action, lines, default_index))
        elif action.update is not None or action.delete is not None:
            items.append(_refused(action, lines, default_index))
        else:
            raise MalformedBody(f"Action {number} is none of create, index, update and delete.")
    return items


def _stored(verb: Literal["create", "index"], action: _Action, lines: Any, default_index: str) -> Item:
    target = action.create or action.index
    assert target is not None
    item = Item(verb, target.index or default_index, target.id, None)
    document = next(lines, None)
    if document is None:
        raise MalformedBody("The last action has no document.")
    if not item.index:
        item.refuse(400, "illegal_argument_exception", "an index is missing")
    try:
        _DOCUMENT.decode(document)
        item.line = Wrapped(document.strip().decode(), service=item.index)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        item.refuse(400, "document_parsing_exception", f"the document cannot be read: {error}")
    return item


def _refused(action: _Action, lines: Any, default_index: str) -> Item:
    target = action.update or action.delete
    assert target is not None
    if action.update is not None:
        next(lines, None)
    item = Item("update" if action.update is not None else "delete", target.index or default_index, target.id, None)
    item.refuse(400, "illegal_argument_exception", "log lines are neither updated nor deleted")
    return item
