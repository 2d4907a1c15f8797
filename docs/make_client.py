"""Write src/septet/client/generated from OpenAPI: a type for each schema, a method for each operation, awaited and not.

Left out are what a typed method would not help with: streams, redirects, pages for browsers, and other products'
protocols (Loki, Elasticsearch, OTLP), which have clients of their own.
"""

import builtins
import json
import keyword
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from septet.app import openapi_document

TARGET = Path(__file__).parents[1] / "src" / "septet" / "client" / "generated"
METHODS = ("get", "post", "put", "patch", "delete")
FOREIGN = re.compile(r"^/($|loki|v1/|_bulk|\{index\}|ready$|metrics$|s/|unsubscribe|auth/oidc|check/forward|ofrep)")
SIMPLE = {"integer": "int", "number": "float", "boolean": "bool", "string": "str", "null": "None", "object": "Json"}
FUTURE = "from __future__ import annotations\n\n"
HEADER = '"""{title} Written by docs/make_client.py; do not edit."""\n\n'


def main(target: Path = TARGET) -> None:
    document = openapi_document()
    target.mkdir(exist_ok=True)
    by_tag = operations(document)
    (target / "__init__.py").write_text(HEADER.format(title="Types and methods of Septet's API.").strip() + "\n")
    (target / "models.py").write_text(models(document["components"]["schemas"]))
    (target / "calls.py").write_text(classes(by_tag, awaited=False))
    (target / "async_calls.py").write_text(classes(by_tag, awaited=True))
    settings = TARGET.parents[3] / "pyproject.toml"
    ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--config", str(settings), str(target)]
    subprocess.run(ruff, check=True)


def models(schemas: dict[str, Any]) -> str:
    """One type each: TypedDicts for objects, as they are on the wire."""
    text = HEADER.format(title="What travels: dictionaries, as they are on the wire.")
    text += f"{FUTURE}from typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n\nJson = dict[str, Any]\n\n"
    return text + "\n\n".join(model(type_name(name), schema) for name, schema in sorted(schemas.items()))


def model(name: str, schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"{name}: TypeAlias = {json.dumps(annotation(schema))}"
    required = set(schema.get("required", ()))
    fields = [
        (wire, annotation(field) if wire in required else f"NotRequired[{annotation(field)}]")
        for wire, field in schema["properties"].items()
    ]
    doc = sentence(schema.get("description", ""))
    if any(not wire.isidentifier() or keyword.iskeyword(wire) for wire, _ in fields):
        pairs = ", ".join(f'"{wire}": {json.dumps(kind)}' for wire, kind in fields)
        return f'{name} = TypedDict("{name}", {{{pairs}}})\n"""{doc}"""'
    lines = [f"class {name}(TypedDict):", f'    """{doc}"""', ""]
    lines += [f"    {wire}: {kind}" for wire, kind in fields]
    return "\n".join(lines)


def annotation(schema: dict[str, Any]) -> str:
    """A Python type for a schema."""
    if "$ref" in schema:
        return type_name(schema["$ref"].rsplit("/", 1)[1])
    for many in ("anyOf", "oneOf", "allOf"):
        if many in schema:
            return " | ".join(dict.fromkeys(annotation(each) for each in schema[many]))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if schema.get("type") == "array":
        return f"list[{annotation(schema.get('items', {}))}]"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {annotation(schema['additionalProperties'])}]"
    return SIMPLE.get(schema.get("type", ""), "Any")


def type_name(name: str) -> str:
    """`septet__services__payments__states__Status` is PaymentsStatus, `Page_LinkOut_` is PageLinkOut."""
    parts = [part for part in re.split(r"\W+|_+", name) if part]
    if "services" in parts:
        parts = [parts[parts.index("services") + 1], parts[-1]]
    return "".join(part[0].upper() + part[1:] for part in parts)


def operations(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """By tag: (method, path, operation)."""
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in document["paths"].items():
        if FOREIGN.match(path):
            continue
        for method in METHODS:
            operation = item.get(method)
            if operation and "text/event-stream" not in answer_types(operation):
                by_tag.setdefault(operation["tags"][0], []).append((method, path, operation))
    return by_tag


def answer_types(operation: dict[str, Any]) -> dict[str, Any]:
    """Media types of success, with their schemas."""
    found: dict[str, Any] = {}
    for status, answer in operation["responses"].items():
        if str(status).startswith("2"):
            found |= answer.get("content", {})
    return found


def classes(by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]], *, awaited: bool) -> str:
    title = "A class for each part of the API, " + ("awaited." if awaited else "without await.")
    prefix = "Async" if awaited else ""
    text = HEADER.format(title=title)
    text += f"{FUTURE}from typing import Any, Literal, cast\n\nfrom septet.client.generated import models\n"
    text += f"from septet.client.transport import {prefix}Transport, segment\n\n"
    for tag, found in sorted(by_tag.items()):
        text += f'\n\nclass {prefix}{type_name(tag)}:\n    """{tag.capitalize()}."""\n\n'
        text += f"    def __init__(self, transport: {prefix}Transport) -> None:\n"
        text += "        self._transport = transport\n\n"
        text += "\n".join(call(*each, awaited=awaited) for each in found)
    attributes = [f"self.{slug(tag)} = {prefix}{type_name(tag)}(transport)" for tag in sorted(by_tag)]
    text += f'\n\nclass {prefix}Calls:\n    """All parts of the API."""\n\n'
    text += f"    def __init__(self, transport: {prefix}Transport) -> None:\n        "
    return text + "\n        ".join(attributes) + "\n"


def call(method: str, path: str, operation: dict[str, Any], *, awaited: bool) -> str:
    """One method."""
    signature, query, headers = ["self"], [], []
    url = path
    for parameter in operation.get("parameters", ()):
        wire = parameter["name"]
        name = slug(wire)
        kind = qualified(annotation(parameter["schema"]))
        if parameter["in"] == "path":
            signature.append(f"{name}: str")
            url = url.replace(f"{{{wire}}}", f"{{segment({name})}}")
        elif parameter["in"] == "query":
            query.append((wire, name, kind))
        elif parameter["in"] == "header":
            headers.append((wire, name))
    arguments = [f'"{method.upper()}"', f'f"{url}"' if "{" in url else f'"{url}"']
    body, extra = body_of(operation)
    signature += body
    optional = [f"{name}: {optional_kind(kind)} = None" for _, name, kind in query]
    optional += [f"{name}: str | None = None" for _, name in headers]
    if optional:
        signature += ["*", *optional]
    if query:
        extra.append("query={" + ", ".join(f'"{wire}": {name}' for wire, name, _ in query) + "}")
    if headers:
        extra.append("headers={" + ", ".join(f'"{wire}": {name}' for wire, name in headers) + "}")
    returns = returned(operation)
    word, wait = ("async def", "await ") if awaited else ("def", "")
    made = f"{wait}self._transport.ask({', '.join(arguments + extra)})"
    line = made if returns == "None" else f'return cast("{returns}", {made})'
    return (
        f"    {word} {operation_name(method, path, operation)}({', '.join(signature)}) -> {returns}:\n"
        f'        """{sentence(operation["summary"])}"""\n        {line}\n'
    )


def body_of(operation: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The parameters of the request's body, and how they are handed on."""
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return [], []
    schema = content.get("application/json", {}).get("schema")
    if schema and len(content) == 1:
        return [f"body: {qualified(annotation(schema))}"], ["json=body"]
    return ["content: bytes | str", f"content_type: str = {next(iter(content))!r}"], [
        "content=content",
        "content_type=content_type",
    ]


def returned(operation: dict[str, Any]) -> str:
    found = answer_types(operation)
    if not found:
        return "None"
    schema = found.get("application/json", {}).get("schema")
    return qualified(annotation(schema)) if schema is not None and len(found) == 1 else "Any"


def qualified(kind: str) -> str:
    """Names of models with their module; what is in quotes is no name."""
    return re.sub(r"'[^']*'|\b[A-Z]\w*\b", lambda found: _qualified(found[0]), kind)


def _qualified(name: str) -> str:
    return name if name[0] == "'" or name in ("Literal", "Any", "None") else f"models.{name}"


def optional_kind(kind: str) -> str:
    return kind if kind in ("Any",) or "None" in kind else f"{kind} | None"


def operation_name(method: str, path: str, operation: dict[str, Any]) -> str:
    """The endpoint's function; FastAPI's own ids carry path and method behind it."""
    default = re.sub(r"\W", "_", path) + f"_{method}"
    name = str(operation["operationId"]).removesuffix(default).strip("_")
    return slug(name)


def slug(name: str) -> str:
    """`orderId` is order_id, `from` is from_, `format` is format_."""
    found = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name)).lower().strip("_")
    return f"{found}_" if keyword.iskeyword(found) or hasattr(builtins, found) else found


def sentence(text: str) -> str:
    first = " ".join(text.split()).replace('"', "'").replace("\\", "")
    return (first[:-1] if first.endswith(".") else first)[:100] + "."


if __name__ == "__main__":
    main()
