"""Route patterns: exact text, `:name` for one segment, `*` at the end for the rest (nothing included)."""

import re
from collections.abc import Callable

_PIECE = re.compile(r":[A-Za-z_]\w*|\*")


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a route, without its query, fits the pattern. `*` elsewhere than at the end is one segment."""
    if not _PIECE.search(pattern):
        return pattern.__eq__
    expression, position = "", 0
    for piece in _PIECE.finditer(pattern):
        expression += re.escape(pattern[position : piece.start()])
        expression += ".*" if piece[0] == "*" and piece.end() == len(pattern) else "[^/]+"
        position = piece.end()
    expression += re.escape(pattern[position:])
    compiled = re.compile(expression, re.DOTALL)
    return lambda route: compiled.fullmatch(route) is not None
