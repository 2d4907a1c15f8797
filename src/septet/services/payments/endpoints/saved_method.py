"""`/payments/saved-method`: what an organization is charged with. It may be changed while it has not paid."""

from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.http import RestrictedTenantUow, Router, refusals
from septet.services.payments.actions import saved_methods as actions
from septet.services.payments.errors import CardDeclined, NoSavedMethod, ProviderRefused, ProviderUnavailable
from septet.services.payments.schemas import SavedMethodOut, SavedMethodPut

router = Router("payments")
WHO = (Unauthenticated, Forbidden)
PATH = "/payments/saved-method"


@router.get(
    PATH, summary="Get the payment method that the organization pays with", responses=refusals(*WHO, NoSavedMethod)
)
async def get_saved_method(uow: RestrictedTenantUow) -> SavedMethodOut:
    return SavedMethodOut.model_validate(await actions.get_method(uow))


@router.put(
    PATH,
    summary="Save the payment method that the organization pays with",
    responses=refusals(*WHO, CardDeclined, ProviderRefused, ProviderUnavailable),
)
async def put_saved_method(body: SavedMethodPut, uow: RestrictedTenantUow) -> SavedMethodOut:
    return SavedMethodOut.model_validate(await actions.save_method(uow, body.payment_method))


@router.delete(
    PATH,
    status_code=204,
    summary="Forget the payment method that the organization pays with",
    responses=refusals(*WHO, NoSavedMethod),
)
async def delete_saved_method(uow: RestrictedTenantUow) -> None:
    await actions.forget_method(uow)
