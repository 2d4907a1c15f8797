"""A WHERE clause in the making. Values are always bound by the server, never written into the text."""

from typing import Any


class Conditions:
    """Conditions that all must hold, and the values they compare with."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._parts: list[str] = []

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
