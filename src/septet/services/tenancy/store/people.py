"""Users, and what they sign in with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import AccountEvent, ExternalIdentity, Passkey, RecoveryCode, User


async def user_with_email(uow: UnitOfWork, email: str) -> User | None:
    found: User | None = await uow.session.scalar(select(User).where(User.email == email))
    return found


async def user(uow: UnitOfWork, user_id: UUID) -> User | None:
    return await uow.session.get(User, user_id)


async def users(uow: UnitOfWork, user_ids: Sequence[UUID]) -> Sequence[User]:
    return (await uow.session.scalars(select(User).where(User.id.in_(user_ids)))).all()


async def add_user(uow: UnitOfWork, new: User) -> bool:
    """Whether it was added; False when the address has an account, however close the race."""
    values = {column.key: getattr(new, column.key) for column in User.__table__.columns}
    statement = insert(User).values(values).on_conflict_do_nothing(index_elements=[User.email]).returning(User.id)
    return (await uow.session.execute(statement)).first() is not None


async def remove_user(uow: UnitOfWork, user_id: UUID) -> None:
    await uow.execute(delete(User).where(User.id == user_id))


async def change_password_hash(uow: UnitOfWork, user_id: UUID, password_hash: str) -> None:
    await uow.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


async def change_email(uow: UnitOfWork, user_id: UUID, email: str) -> bool:
    """Whether it was changed; False when the address has an account."""
    try:
        async with uow.session.begin_nested():
            await uow.execute(update(User).where(User.id == user_id).values(email=email))
    except IntegrityError:
        return False
    return True


async def take_totp_step(uow: UnitOfWork, user_id: UUID, step: int) -> bool:
    """Whether no code of this or a later half minute was used before."""
    statement = update(User).where(User.id == user_id, User.totp_last_step < step).values(totp_last_step=step)
    return (await uow.session.execute(statement.returning(User.id))).first() is not None


async def replace_recovery_codes(uow: UnitOfWork, user_id: UUID, digests: Sequence[bytes]) -> None:
    await uow.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    uow.session.add_all([RecoveryCode(user_id=user_id, digest=digest) for digest in digests])
    await uow.session.flush()


async def take_recovery_code(uow: UnitOfWork, user_id: UUID, digest: bytes) -> bool:
    """Whether the code was there; it is gone now."""
    statement = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.digest == digest)
    return (await uow.session.execute(statement.returning(RecoveryCode.user_id))).first() is not None


async def passkeys(uow: UnitOfWork, user_id: UUID) -> Sequence[Passkey]:
    return (await uow.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))).all()


async def passkey_with_credential(uow: UnitOfWork, credential_id: bytes) -> Passkey | None:
    found: Passkey | None = await uow.session.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    )
    return found


async def remove_passkey(uow: UnitOfWork, user_id: UUID, passkey_id: UUID) -> bool:
    statement = delete(Passkey).where(Passkey.user_id == user_id, Passkey.id == passkey_id).returning(Passkey.id)
    return (await uow.session.execute(statement)).first() is not None


async def external_identity(uow: UnitOfWork, issuer: str, subject: str) -> ExternalIdentity | None:
    return await uow.session.get(ExternalIdentity, (issuer, subject))


async def external_identities(uow: UnitOfWork, user_id: UUID) -> Sequence[ExternalIdentity]:
    return (await uow.session.scalars(select(ExternalIdentity).where(ExternalIdentity.user_id == user_id))).all()


async def add(uow: UnitOfWork, row: Passkey | ExternalIdentity) -> None:
    uow.session.add(row)
    await uow.session.flush()


async def account_events(
    uow: UnitOfWork, user_id: UUID, limit: int, after: tuple[Any, ...] | None
) -> Sequence[AccountEvent]:
    """Newest first."""
    statement = select(AccountEvent).where(AccountEvent.user_id == user_id)
    if after is not None:
        statement = statement.where(AccountEvent.id < after[0])
    return (await uow.session.scalars(statement.order_by(AccountEvent.id.desc()).limit(limit))).all()


async def devices_of(uow: UnitOfWork, user_id: UUID, limit: int) -> Sequence[str]:
    """What the last log-ins came from, the newest first."""
    statement = select(AccountEvent.device).where(
        AccountEvent.user_id == user_id, AccountEvent.action == "session.started"
    )
    return (await uow.session.scalars(statement.order_by(AccountEvent.id.desc()).limit(limit))).all()


async def forget_account_events(uow: UnitOfWork, before: datetime) -> None:
    await uow.execute(delete(AccountEvent).where(AccountEvent.at < before))
