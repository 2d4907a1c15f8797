"""Form encoding with nested keys, as Stripe's SDKs write it: `card[number]=4242…`, `expand[]=customer`, `a[0][b]=…`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from septet.services.provider.errors import InvalidParameter

MOST_FIELDS = 1000
DEEPEST = 8
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode_form(text: str) -> dict[str, Any]:
    """Nested dicts and lists of strings. Raises InvalidParameter for what cannot be read."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise InvalidParameter("The form cannot be read: send UTF-8, with at most 1000 fields.") from None
    tree: dict[str, Any] = {}
    for key, value in pairs:
        if "\0" in key or "\0" in value:
            raise InvalidParameter("Parameters must not contain the NUL character.", param=key.replace("\0", ""))
        _insert(tree, _path(key), value, key)
    return {name: _with_lists(value) for name, value in tree.items()}


def _path(key: str) -> list[str]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise InvalidParameter(f"Invalid parameter name: {key}", param=key)
    path = [match[1], *_PART.findall(match[2])]
    if len(path) > DEEPEST:
        raise InvalidParameter(f"Parameters nest at most {DEEPEST} deep.", param=key)
    return path


def _insert(tree: dict[str, Any], path: list[str], value: str, key: str) -> None:
    node = tree
    for part in path[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise InvalidParameter(f"Invalid parameter: {key} is used both as a value and as an object.", param=key)
    node[path[-1] or str(len(node))] = value


def _with_lists(node: Any) -> Any:
    """An object whose keys are all numbers was an array."""
    if not isinstance(node, dict):
        return node
    children = {name: _with_lists(value) for name, value in node.items()}
    if children and all(name.isascii() and name.isdigit() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children
