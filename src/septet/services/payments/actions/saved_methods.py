"""The payment method that an organization is charged with; the provider keeps it, we only know its id and its face."""

from dataclasses import dataclass

import stripe

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.payments import permissions, store
from septet.services.payments.errors import CardDeclined, NoSavedMethod, ProviderRefused, ProviderUnavailable
from septet.services.payments.events import PaymentMethodSaved
from septet.services.payments.models import SavedMethod
from septet.services.payments.processor import OutcomeUnknown, processor_of
from septet.services.payments.schemas import CardMethod


@dataclass(frozen=True, slots=True)
class Released:
    """A payment method that is not needed any more, by the provider's id."""

    method_id: str


async def get_method(uow: UnitOfWork) -> SavedMethod:
    """Raises NoSavedMethod."""
    uow.actor.require(permissions.SAVE_METHOD)
    found = await store.saved_method(uow)
    if found is None:
        raise NoSavedMethod("Save one with PUT /payments/saved-method.")
    return found


async def save_method(uow: UnitOfWork, wanted: CardMethod | str) -> SavedMethod:
    """In place of the one there is. Raises CardDeclined, ProviderRefused, ProviderUnavailable."""
    uow.actor.require(permissions.SAVE_METHOD)
    known = await store.customer_id(uow)
    await uow.commit()  # nothing is held while the provider is asked
    processor = processor_of(uow.runtime)
    try:
        given = await processor.payment_method_of(wanted.card.given()) if isinstance(wanted, CardMethod) else wanted
        customer_id = await processor.customer_of(uow.tenant_id, known)
        kept = await processor.keep(customer_id, given)
    except OutcomeUnknown as error:
        raise ProviderUnavailable("Nothing was saved; send it again.", headers={"Retry-After": "1"}) from error
    except stripe.CardError as error:
        raise CardDeclined(error.user_message, declineCode=error.code) from error
    except stripe.InvalidRequestError as error:
        raise ProviderRefused(error.user_message or str(error), providerCode=error.code) from error
    method = kept.payment_method
    if kept.status != "succeeded" or not isinstance(method, stripe.PaymentMethod) or method.card is None:
        raise CardDeclined(
            "The bank wants the owner of this card to authenticate each time; save one that can do without.",
            declineCode="authentication_required",
        )
    await store.note_customer(uow, customer_id)
    return await _replace(uow, method.id, method.card)


async def _replace(uow: UnitOfWork, method_id: str, card: stripe.PaymentMethod.Card) -> SavedMethod:
    await _forget(uow)
    method = SavedMethod(
        tenant_id=uow.tenant_id,
        method_id=method_id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        saved_at=uow.now,
    )
    await store.add(uow, method)
    uow.emit(PaymentMethodSaved(uow.tenant_id, card.brand, card.last4))
    return method


async def forget_method(uow: UnitOfWork) -> None:
    """Raises NoSavedMethod."""
    uow.actor.require(permissions.SAVE_METHOD)
    if not await _forget(uow):
        raise NoSavedMethod("There is nothing to forget.")


async def _forget(uow: UnitOfWork) -> bool:
    method_id = await store.forget_method(uow)
    if method_id is not None:
        uow.enqueue(release, Released(method_id))
    return method_id is not None


@job()
async def release(uow: UnitOfWork, released: Released) -> None:
    """Have the provider forget it too. One that it does not know any more is forgotten already."""
    try:
        await processor_of(uow.runtime).release(released.method_id)
    except stripe.InvalidRequestError:
        return
