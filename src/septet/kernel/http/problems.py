"""Errors as RFC 9457 problem documents: one renderer for refusals, validation errors and defects."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from septet.kernel.errors import (
    BodyTooLarge,
    FieldError,
    InternalError,
    InvalidInput,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    Problem,
    UnsupportedMediaType,
)
from septet.kernel.telemetry import log
from septet.kernel.wire import Wire

MEDIA_TYPE = "application/problem+json"
_BY_STATUS: dict[int, type[Problem]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}


class FieldErrorOut(Wire):
    """One thing wrong with the input."""

    field: str = Field(description="Path of the field as it was sent, for example `items.0.url`.")
    message: str = Field(description="What is wrong with it and what is accepted.")


class ProblemOut(Wire):
    """A problem document (RFC 9457)."""

    type: str = Field(description="A URI that identifies the kind of problem.")
    title: str = Field(description="The kind of problem in a few words.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(description="What happened and how to mend it.")
    code: str = Field(description="A stable name for programs to compare.")
    errors: list[FieldErrorOut] = Field(default_factory=list, description="For bad input: each field that was refused.")


_SCHEMAS = "#/components/schemas/{model}"


def refusals(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the refusals that an endpoint can answer with; one entry a status, codes listed.

    They refer to the schema by name: FastAPI would build a field for each of a thousand, in every process that starts.
    """
    schema = {"$ref": _SCHEMAS.format(model=ProblemOut.__name__)}
    by_status: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        entry = by_status.setdefault(problem.status, {"content": {MEDIA_TYPE: {"schema": schema}}, "description": ""})
        separator = "; " if entry["description"] else ""
        entry["description"] += f"{separator}{problem.title} (`{problem.code}`)"
    return by_status


def problem_schemas() -> dict[str, Any]:
    """What `refusals` refers to, for the document's `components.schemas`."""
    own = ProblemOut.model_json_schema(ref_template=_SCHEMAS)
    return {**own.pop("$defs"), ProblemOut.__name__: own}


def problem_response(problem: Problem) -> Response:
    content = json.dumps(problem.body(), ensure_ascii=False, default=str).encode()
    return Response(content, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


async def render_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def render_validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(validation_problem(error.errors()))


async def render_http_exception(_: Request, error: Exception) -> Response:
    """What FastAPI and Starlette themselves refuse: unknown path, wrong method, body too large."""
    assert isinstance(error, HTTPException)
    problem_class = _BY_STATUS.get(error.status_code)
    if problem_class is None:
        problem_class = MalformedBody if error.status_code < 500 else InternalError
    problem = problem_class(_sentence(error), headers=error.headers)
    return problem_response(problem)


async def render_defect(_: Request, error: Exception) -> Response:
    log.error("unhandled error", exc_info=error)
    return problem_response(
        InternalError("This is a defect of ours. The request id in the answer's header leads to its log.")
    )


def _sentence(error: HTTPException) -> str:
    if error.status_code == 404:
        return "There is nothing at this path. GET /openapi.json lists what there is."
    if error.status_code == 405:
        return "This path does not accept this method; the `Allow` header lists those it does."
    if error.status_code == 413:
        return "The body is larger than SEPTET_MAX_BODY_BYTES allows."
    return str(error.detail)


def validation_problem(errors: Sequence[Any]) -> Problem:
    """400 when the body is no JSON, else 422 with one entry a field."""
    for error in errors:
        if error["type"] == "json_invalid":
            reason = error.get("ctx", {}).get("error", "it is not JSON")
            return MalformedBody(f"The body is not valid JSON: {reason} (character {error['loc'][-1]}).")
    if any(error["loc"] == ("body",) and isinstance(error.get("input"), bytes) for error in errors):
        return UnsupportedMediaType("Send the body as JSON with `Content-Type: application/json`.")
    fields = [FieldError(_path(error["loc"]), _readable(error)) for error in errors]
    return InvalidInput("; ".join(f"`{f.field}`: {f.message}" for f in fields[:5]), errors=fields)


def _path(location: Sequence[Any]) -> str:
    parts = [str(part) for part in location]
    return ".".join(
        parts[1:] if parts and parts[0] in ("body", "query", "path", "header") and len(parts) > 1 else parts
    )


def _readable(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is not a known field; remove it or correct its name"
    message = str(error["msg"])
    return message.removeprefix("Value error, ")
