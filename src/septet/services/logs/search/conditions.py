"""A WHERE clause in the making. Values are always bound by the server, never written into the text."""

from collections.abc import Sequence
from typing import Any


class Conditions:
    """Conditions that all must hold, and the values they compare with."""

    def __init__(self, parameters: dict[str, Any] | None = None, parts: Sequence[str] = ()) -> None:
        """`parameters`: those of the rest of the statement, if there is one."""
        self.parameters: dict[str, Any] = {} if parameters is None else parameters
        self._parts = list(parts)

    def branch(self) -> "Conditions":
        """The same so far, to be added to apart; both can stand in one statement."""
        return Conditions(self.parameters, self._parts)

    def bind(self, value: Any, clickhouse_type: str) -> str:
        """A placeholder for `value`."""
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f"{{{name}:{clickhouse_type}}}"

    def add(self, condition: str) -> None:
        self._parts.append(condition)

    @property
    def sql(self) -> str:
        return " AND ".join(f"({part})" for part in self._parts)


def identifier(name: str) -> str:
    """A quoted identifier, whatever characters it has."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
