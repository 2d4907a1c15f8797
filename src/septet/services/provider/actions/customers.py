"""Customers."""

from typing import Any

from septet.services.provider.actions.payment_methods import attach, merged
from septet.services.provider.call import Call
from septet.services.provider.errors import ResourceMissing
from septet.services.provider.identifiers import random_text
from septet.services.provider.schemas import CustomerCreate

Json = dict[str, Any]
NO_INVOICE_SETTINGS = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}


async def create(call: Call, params: CustomerCreate) -> Json:
    """A new customer, with a payment method where one is given. Raises CardError, ResourceMissing."""
    customer = call.new(
        "customer",
        address=params.address,
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        description=params.description,
        discount=None,
        email=params.email,
        invoice_prefix=random_text(8).upper(),
        invoice_settings=NO_INVOICE_SETTINGS | (params.invoice_settings or {}),
        metadata=merged({}, params.metadata),
        name=params.name,
        phone=params.phone,
        preferred_locales=[],
        shipping=params.shipping,
        tax_exempt="none",
        test_clock=None,
    )
    if params.payment_method is not None:
        await attach(call, params.payment_method, customer["id"])
    call.emit("customer.created", customer)
    return customer


async def update(call: Call, params: CustomerCreate) -> Json:
    customer = dict(await _present(call))
    for name in params.model_fields_set - {"metadata", "payment_method", "invoice_settings"}:
        customer[name] = getattr(params, name)
    customer["invoice_settings"] = customer["invoice_settings"] | (params.invoice_settings or {})
    customer["metadata"] = merged(customer["metadata"], params.metadata)
    call.emit("customer.updated", call.save(customer))
    return customer


async def delete(call: Call) -> Json:
    """It stays as a stub that says so."""
    customer = await _present(call)
    call.emit("customer.deleted", customer)
    call.save(
        {"id": customer["id"], "object": "customer", "created": customer["created"], "deleted": True, "metadata": {}}
    )
    return {"id": customer["id"], "object": "customer", "deleted": True}


async def _present(call: Call) -> Json:
    customer = await call.target("customer")
    if customer.get("deleted"):
        raise ResourceMissing("customer", customer["id"], "id")
    return customer
