"""One's own push subscriptions."""

from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.inbox import require_user
from septet.services.notifications.errors import SubscriptionInvalid, SubscriptionNotFound, WebhookAddressRefused
from septet.services.notifications.models import PushSubscription
from septet.services.notifications.push.web import SubscriptionBroken, require_usable_keys
from septet.services.notifications.schemas.preferences import PushSubscriptionCreate
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import push as store
from septet.services.notifications.webhooks.addresses import AddressRefused, check_url


async def subscribe(uow: UnitOfWork, new: PushSubscriptionCreate) -> PushSubscription:
    """The same endpoint again replaces its keys. Raises SubscriptionInvalid, WebhookAddressRefused."""
    user_id = require_user(uow)
    if new.fcm_token is not None:
        return await store.save(uow, user_id, "fcm", new.fcm_token, None, None)
    assert new.endpoint is not None
    assert new.keys is not None
    try:
        check_url(new.endpoint, allow_private=uow.settings(NotificationsSettings).webhook_allow_private)
        require_usable_keys(new.endpoint, new.keys.p256dh, new.keys.auth)
    except AddressRefused as error:
        raise WebhookAddressRefused(f"`endpoint` {error}.") from None
    except SubscriptionBroken as error:
        raise SubscriptionInvalid(f"`keys` are not those of a browser: {error}.") from None
    return await store.save(uow, user_id, "web", new.endpoint, new.keys.p256dh, new.keys.auth)


async def unsubscribe(uow: UnitOfWork, subscription_id: UUID) -> None:
    """Raises SubscriptionNotFound."""
    if not await store.remove(uow, subscription_id, require_user(uow)):
        raise SubscriptionNotFound("GET /push-subscriptions lists yours.")


async def unsubscribe_endpoint(uow: UnitOfWork, endpoint: str) -> None:
    """Raises SubscriptionNotFound."""
    if not await store.remove_endpoint(uow, require_user(uow), endpoint):
        raise SubscriptionNotFound("You have no subscription with this `endpoint`.")
