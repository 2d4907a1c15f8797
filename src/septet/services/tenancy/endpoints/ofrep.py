"""OpenFeature's Remote Evaluation Protocol (OFREP 0.2), for any OpenFeature SDK.

Bodies are read by hand: a client may send `{}`, no body, or entries that we do not know, and refusals are in OFREP's
words.
"""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Header, Path, Request, Response

from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.http import Router, TenantUow, refusals
from septet.services.tenancy.actions import flags as actions
from septet.services.tenancy.errors import FlagNotFound, OfrepFlagNotFound, OfrepRefused
from septet.services.tenancy.flags import Evaluation
from septet.services.tenancy.schemas.flags import OfrepBulk, OfrepEvaluation, OfrepRequest

router = Router("tenancy", tag="OpenFeature")
BODY = {
    "requestBody": {
        "content": {"application/json": {"schema": OfrepRequest.model_json_schema(by_alias=True)}},
        "description": "The evaluation context; may be absent.",
    }
}


@router.post(
    "/ofrep/v1/evaluate/flags/{key}",
    summary="Evaluate one flag",
    responses=refusals(Unauthenticated, Forbidden, OfrepRefused, OfrepFlagNotFound),
    openapi_extra=BODY,
)
async def ofrep_evaluate(
    key: Annotated[str, Path(max_length=200, description="The flag.")], uow: TenantUow, request: Request
) -> OfrepEvaluation:
    target = await _targeting_key(request, key)
    try:
        return _out(await actions.evaluate_one(uow, key, target))
    except FlagNotFound as error:
        raise OfrepFlagNotFound("FLAG_NOT_FOUND", error.detail, key) from None


@router.post(
    "/ofrep/v1/evaluate/flags",
    summary="Evaluate all flags; 304 when nothing changed since the `ETag`",
    responses={
        **refusals(Unauthenticated, Forbidden, OfrepRefused),
        304: {"description": "Nothing changed since the version that `If-None-Match` names."},
    },
    response_model=OfrepBulk,
    openapi_extra=BODY,
)
async def ofrep_evaluate_all(
    uow: TenantUow,
    request: Request,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` one has.")] = None,
) -> Response:
    target = await _targeting_key(request, None)
    bulk = OfrepBulk(flags=[_out(evaluation) for evaluation in await actions.evaluate_all(uow, target)])
    body = bulk.model_dump_json(by_alias=True).encode()
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if if_none_match is not None and etag in [tag.strip() for tag in if_none_match.split(",")]:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, media_type="application/json", headers={"ETag": etag})


async def _targeting_key(request: Request, key: str | None) -> str | None:
    """From the context; None when there is none. Raises OfrepRefused."""
    raw = await request.body()
    try:
        body: Any = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise OfrepRefused("PARSE_ERROR", f"The body is not valid JSON: {error}.", key) from None
    context = body.get("context") if isinstance(body, dict) else body
    if context is None and isinstance(body, dict):
        return None
    if not isinstance(context, dict):
        raise OfrepRefused("INVALID_CONTEXT", "`context` must be an object.", key)
    target = context.get("targetingKey")
    if target is not None and (not isinstance(target, str) or not 0 < len(target) <= 200):
        raise OfrepRefused("INVALID_CONTEXT", "`targetingKey` must be a string of 1 to 200 characters.", key)
    return target


def _out(evaluation: Evaluation) -> OfrepEvaluation:
    return OfrepEvaluation(
        key=evaluation.key,
        value=evaluation.value,
        reason=evaluation.reason,
        variant=evaluation.variant,
        metadata={"because": evaluation.because},
    )
