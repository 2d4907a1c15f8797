"""Reading parameters: Pydantic models over decoded forms, refusals in Stripe's words, and their OpenAPI.

A parameter that a model does not name is accepted, and ignored, when the official SDK knows it for that operation; any
other is refused, as Stripe does, so that a misspelt name is found.
"""

from functools import cache
from typing import Annotated, Any, TypeVar

import stripe.params
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from septet.services.provider.errors import InvalidParameter

Json = dict[str, Any]
M = TypeVar("M", bound="Parameters")

LARGEST_AMOUNT = 99_999_999
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, description="In the currency's smallest unit.")]
Text = Annotated[str, Field(max_length=5000)]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=500)]],
    Field(max_length=50, description="Up to 50 keys of 40 characters with values of 500; an empty value unsets a key."),
]


class Parameters(BaseModel):
    """Base of every operation's parameters."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Nothing(Parameters):
    """An operation without parameters of its own."""


def read_parameters(model: type[M], accepts: str, given: Json) -> tuple[M, list[str]]:
    """The parameters, and what to expand. Raises InvalidParameter."""
    expand = given.pop("expand", [])
    if not isinstance(expand, list) or not all(isinstance(path, str) for path in expand):
        raise InvalidParameter("Invalid array", param="expand")
    known = _names(model) | (_names_in_sdk(accepts) if accepts else frozenset())
    for name in given:
        if name not in known:
            raise InvalidParameter(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    if given.get("metadata") == "":
        given["metadata"] = None
    try:
        return model.model_validate(given), expand
    except ValidationError as error:
        raise _refusal(error) from None


@cache
def _names(model: type[Parameters]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items())


@cache
def _names_in_sdk(accepts: str) -> frozenset[str]:
    """The parameters that the official SDK has for an operation."""
    return frozenset(getattr(stripe.params, accepts).__annotations__)


def _refusal(error: ValidationError) -> InvalidParameter:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    param = path[0] + "".join(f"[{part}]" for part in path[1:])
    given = first.get("input")
    match first["type"]:
        case "missing":
            return InvalidParameter(f"Missing required param: {param}.", code="parameter_missing", param=param)
        case "int_parsing" | "int_from_float" | "int_type" if given == "":
            return InvalidParameter(
                f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter;"
                f" however '{param}' cannot be unset.",
                code="parameter_invalid_empty",
                param=param,
            )
        case "int_parsing" | "int_from_float" | "int_type" | "int_parsing_size":
            return InvalidParameter(f"Invalid integer: {given}", code="parameter_invalid_integer", param=param)
        case "greater_than_equal":
            smallest = first.get("ctx", {}).get("ge")
            sentence = f"This value must be greater than or equal to {smallest}."
            return InvalidParameter(sentence, code="parameter_invalid_integer", param=param)
        case "less_than_equal" if "amount" in param:
            return InvalidParameter(
                "Amount must be no more than 99999999 (in the currency's smallest unit).",
                code="amount_too_large",
                param=param,
            )
    return InvalidParameter(f"Invalid {param}: {first['msg'].removeprefix('Value error, ')}.", param=param)


def documented(model: type[Parameters], *, in_query: bool, as_json: bool) -> Json:
    """OpenAPI of an operation's parameters."""
    schema = _without_references(model.model_json_schema())
    if not schema.get("properties"):
        return {}
    if not in_query:
        media_type = "application/json" if as_json else "application/x-www-form-urlencoded"
        return {"requestBody": {"content": {media_type: {"schema": schema}}}}
    required = schema.get("required", [])
    return {
        "parameters": [
            {"name": name, "in": "query", "required": name in required, "schema": each, "style": "deepObject"}
            for name, each in schema["properties"].items()
        ]
    }


def _without_references(schema: Json) -> Json:
    """References within a model's schema would not resolve in the document that contains it."""
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolved(definitions[node["$ref"].rpartition("/")[2]])
        return {name: resolved(each) for name, each in node.items()}

    plain: Json = resolved(schema)
    return plain
