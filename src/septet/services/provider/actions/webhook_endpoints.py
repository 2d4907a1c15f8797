"""Webhook endpoints: where events are sent. The signing secret is shown once, at creation."""

from typing import Any
from urllib.parse import urlsplit

from septet.services.provider.actions.payment_methods import merged
from septet.services.provider.call import Call
from septet.services.provider.errors import InvalidRequest
from septet.services.provider.identifiers import random_text
from septet.services.provider.schemas import WebhookEndpointCreate, WebhookEndpointUpdate

Json = dict[str, Any]
MOST = 16


async def create(call: Call, params: WebhookEndpointCreate) -> Json:
    """Raises InvalidRequest for a URL that is none, or one endpoint too many."""
    if call.endpoints is not None and call.endpoints.count('"we_1') >= MOST:
        raise InvalidRequest(f"An account has at most {MOST} webhook endpoints.")
    return call.new(
        "webhook_endpoint",
        api_version=None,
        application=None,
        description=params.description,
        enabled_events=params.enabled_events,
        metadata=merged({}, params.metadata),
        secret=f"whsec_{random_text(32)}",
        status="enabled",
        url=_checked(params.url),
    )


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidRequest(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param="url"
        )
    return url


async def update(call: Call, params: WebhookEndpointUpdate) -> Json:
    endpoint = dict(await call.target("webhook_endpoint"))
    if params.url is not None:
        endpoint["url"] = _checked(params.url)
    if params.enabled_events is not None:
        endpoint["enabled_events"] = params.enabled_events
    if params.disabled is not None:
        endpoint["status"] = "disabled" if params.disabled else "enabled"
    if params.description is not None:
        endpoint["description"] = params.description
    endpoint["metadata"] = merged(endpoint["metadata"], params.metadata)
    return without_secret(call.save(endpoint))


async def delete(call: Call) -> Json:
    endpoint = await call.target("webhook_endpoint")
    call.deleted.append(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def without_secret(endpoint: Json) -> Json:
    return {name: value for name, value in endpoint.items() if name != "secret"}
