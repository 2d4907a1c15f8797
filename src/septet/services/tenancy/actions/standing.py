"""What every process remembers about an organization's members and keys, made to be asked anew."""

from septet.kernel.authentication import api_key_cache_key, revoke_cached, role_cache_key
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions.sessions import forget_sessions_cache
from septet.services.tenancy.store import api_keys, organizations


async def forget_standing(uow: UnitOfWork, *, sessions: bool = False) -> None:
    """For changes that concern all members and keys: restriction, deletion, restoration.

    `sessions`: also which organization is a member's only one.
    """
    for user_id in await organizations.member_ids(uow):
        revoke_cached(uow, role_cache_key(uow.tenant_id, user_id))
        if sessions:
            await forget_sessions_cache(uow, user_id)
    for digest in await api_keys.digests(uow):
        revoke_cached(uow, api_key_cache_key(uow.tenant_id, digest))
