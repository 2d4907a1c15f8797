"""`/push-subscriptions` and `/push/vapid-public-key`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from septet.kernel.errors import Unauthenticated
from septet.kernel.http import Page, PublicUow, Router, TenantUow, refusals
from septet.services.notifications.actions import push as actions
from septet.services.notifications.actions.inbox import require_user
from septet.services.notifications.errors import (
    SubscriptionInvalid,
    SubscriptionNotFound,
    UserRequired,
    WebhookAddressRefused,
)
from septet.services.notifications.push.web import public_key
from septet.services.notifications.schemas.preferences import PushSubscriptionCreate, PushSubscriptionOut, VapidKey
from septet.services.notifications.store import push as store

router = Router("notifications", tag="push")


@router.get("/push/vapid-public-key", summary="The key a browser subscribes with")
async def vapid_public_key(uow: PublicUow) -> VapidKey:
    return VapidKey(public_key=public_key(uow.runtime.secrets))


@router.post(
    "/push-subscriptions",
    status_code=201,
    summary="Add a push subscription",
    responses=refusals(Unauthenticated, UserRequired, SubscriptionInvalid, WebhookAddressRefused),
)
async def add_subscription(body: PushSubscriptionCreate, uow: TenantUow) -> PushSubscriptionOut:
    return PushSubscriptionOut.model_validate(await actions.subscribe(uow, body))


@router.get(
    "/push-subscriptions", summary="List one's push subscriptions", responses=refusals(Unauthenticated, UserRequired)
)
async def list_subscriptions(uow: TenantUow) -> Page[PushSubscriptionOut]:
    found = await store.subscriptions(uow, [require_user(uow)])
    return Page(data=[PushSubscriptionOut.model_validate(each) for each in found], next_cursor=None)


@router.delete(
    "/push-subscriptions/{subscription_id}",
    status_code=204,
    summary="Remove a push subscription",
    responses=refusals(Unauthenticated, UserRequired, SubscriptionNotFound),
)
async def remove_subscription(subscription_id: UUID, uow: TenantUow) -> None:
    await actions.unsubscribe(uow, subscription_id)


@router.delete(
    "/push-subscriptions",
    status_code=204,
    summary="Remove the push subscription with an endpoint",
    responses=refusals(Unauthenticated, UserRequired, SubscriptionNotFound),
)
async def remove_subscription_by_endpoint(
    uow: TenantUow, endpoint: Annotated[str, Query(max_length=2000, description="The push service's address.")]
) -> None:
    await actions.unsubscribe_endpoint(uow, endpoint)
