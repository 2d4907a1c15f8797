"""Store functions with one tenant filter less, put in place of the real ones while the program runs.

Only a function's code object is exchanged, so that whoever imported the function runs the mutant too. Where the filter
was, the statement carries the mutant's name instead.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType

SOURCES = Path(__file__).parents[2] / "src"
STORES = ("septet/services/*/store.py", "septet/services/*/store/*.py")


@dataclass(frozen=True, slots=True)
class FilterMutant:
    """A function and its code with one filter left out; the `name` is unique, and part of the statement."""

    name: str
    function: FunctionType
    code: CodeType

    def put_in_place(self) -> None:
        self.function.__code__ = self.code


def filter_mutants() -> Iterator[FilterMutant]:
    """Every comparison with `uow.tenant_id` in every store's functions, left out once."""
    for path in sorted(path for pattern in STORES for path in SOURCES.glob(pattern)):
        source = path.read_text()
        for place in [_place(node) for node in ast.walk(ast.parse(source)) if _is_filter(node)]:
            name = f"filter in {path.relative_to(SOURCES / 'septet/services')}:{place[0]}:{place[1]}"
            tree = ast.fix_missing_locations(_LeaveOut(place, name).visit(ast.parse(source)))
            yield _mutant(path, name, compile(tree, str(path), "exec"), place[0])


def _is_filter(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq)
        and ast.unparse(node.left).endswith(".tenant_id")
        and ast.unparse(node.comparators[0]) == "uow.tenant_id"
    )


def _place(node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, ast.expr)
    return node.lineno, node.col_offset


class _LeaveOut(ast.NodeTransformer):
    """`Task.tenant_id == uow.tenant_id` at one place becomes a text that is always true."""

    def __init__(self, place: tuple[int, int], name: str) -> None:
        self._place = place
        self._always = ast.parse(f"""__import__("sqlalchemy").text("'{name}' = '{name}'")""", mode="eval").body

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if not _is_filter(node) or _place(node) != self._place:
            return self.generic_visit(node)
        return ast.copy_location(self._always, node)


def _mutant(path: Path, name: str, module_code: CodeType, line: int) -> FilterMutant:
    """The function or method in which the line stands, with its new code."""
    module = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
    around = [code for code in _functions(module_code) if code.co_firstlineno <= line]
    code = max(around, key=lambda code: code.co_firstlineno)
    function = reduce(getattr, code.co_qualname.split("."), import_module(module))
    assert isinstance(function, FunctionType), f"{module}.{code.co_qualname} is no plain function"
    return FilterMutant(name, function, code)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """Functions of a module and methods of its classes, not what is defined inside them."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and "<" not in constant.co_qualname:
            if constant.co_flags & CO_OPTIMIZED:
                yield constant
            else:
                yield from _functions(constant)
