"""Products and their prices, as far as invoices need them."""

from typing import Any

from septet.services.provider.actions.payment_intents import checked_currency
from septet.services.provider.actions.payment_methods import merged
from septet.services.provider.call import Call
from septet.services.provider.errors import InvalidRequest
from septet.services.provider.schemas import PriceCreate, PriceUpdate, ProductCreate, ProductUpdate

Json = dict[str, Any]


async def create_product(call: Call, params: ProductCreate) -> Json:
    """A new product, with its default price where one is described. Raises InvalidRequest."""
    product = _product(call, params.name, params)
    if params.default_price_data is not None:
        price = PriceCreate.model_validate(params.default_price_data | {"product": product["id"]})
        product["default_price"] = (await create_price(call, price))["id"]
    return product


def _product(
    call: Call, name: str, params: ProductCreate | None = None, metadata: dict[str, str] | None = None
) -> Json:
    product = call.new(
        "product",
        active=params.active if params else True,
        default_price=None,
        description=params.description if params else None,
        images=[],
        metadata=merged({}, params.metadata if params else metadata),
        name=name,
        type="service",
        updated=call.now,
        url=None,
    )
    call.emit("product.created", product)
    return product


async def update_product(call: Call, params: ProductUpdate) -> Json:
    product = dict(await call.target("product"))
    if params.default_price is not None:
        await call.get("price", params.default_price, param="default_price")
    for name in params.model_fields_set - {"metadata"}:
        product[name] = getattr(params, name)
    product |= {"metadata": merged(product["metadata"], params.metadata), "updated": call.now}
    call.emit("product.updated", call.save(product))
    return product


async def create_price(call: Call, params: PriceCreate) -> Json:
    """A price of a product, which may be made with it. Raises InvalidRequest, ResourceMissing."""
    if params.product_data is not None:
        product = _product(call, params.product_data.name, metadata=params.product_data.metadata)
    elif params.product is not None:
        product = await call.get("product", params.product, param="product")
    else:
        raise InvalidRequest("You must provide `product` or `product_data`.", code="parameter_missing", param="product")
    price = call.new(
        "price",
        active=params.active,
        billing_scheme="per_unit",
        currency=checked_currency(params.currency, None),
        lookup_key=None,
        metadata=merged({}, params.metadata),
        nickname=params.nickname,
        product=product["id"],
        recurring=params.recurring and params.recurring.model_dump() | {"usage_type": "licensed"},
        tax_behavior="unspecified",
        type="recurring" if params.recurring else "one_time",
        unit_amount=params.unit_amount,
        unit_amount_decimal=str(params.unit_amount),
    )
    call.emit("price.created", price)
    return price


async def update_price(call: Call, params: PriceUpdate) -> Json:
    price = dict(await call.target("price"))
    for name in params.model_fields_set - {"metadata"}:
        price[name] = getattr(params, name)
    price["metadata"] = merged(price["metadata"], params.metadata)
    call.emit("price.updated", call.save(price))
    return price
