"""`/v1`: customers, payment methods, products, prices, balance, events, webhook endpoints."""

from typing import Any

from septet.services.provider import store
from septet.services.provider.actions import customers, payment_methods, products, webhook_endpoints
from septet.services.provider.actions.lists import listed, searched
from septet.services.provider.call import Call
from septet.services.provider.operations import Operations
from septet.services.provider.schemas import (
    BalanceTransactionList,
    CustomerCreate,
    CustomerList,
    EventList,
    Listed,
    Nothing,
    PaymentMethodAttach,
    PaymentMethodCreate,
    PaymentMethodList,
    PaymentMethodUpdate,
    PriceCreate,
    PriceList,
    PriceUpdate,
    ProductCreate,
    ProductUpdate,
    Search,
    WebhookEndpointCreate,
    WebhookEndpointUpdate,
)

Json = dict[str, Any]
v1 = Operations("/v1", "records")


@v1.post("/customers", "customers.create", CustomerCreate, accepts="CustomerCreateParams", summary="Create a customer")
async def create_customer(call: Call, params: CustomerCreate) -> Json:
    return await customers.create(call, params)


@v1.get("/customers", "customers.list", CustomerList, accepts="CustomerListParams", summary="List customers")
async def list_customers(call: Call, params: CustomerList) -> Json:
    return await listed(call, "customer", "/v1/customers", params, email=params.email)


@v1.get("/customers/search", "customers.search", Search, summary="Search customers")
async def search_customers(call: Call, params: Search) -> Json:
    return await searched(call, "customer", "/v1/customers/search", params)


@v1.get("/customers/{id}", "customers.retrieve", Nothing, summary="Retrieve a customer")
async def retrieve_customer(call: Call, _: Nothing) -> Json:
    return await call.target("customer", lock=False)


@v1.post(
    "/customers/{id}", "customers.update", CustomerCreate, accepts="CustomerUpdateParams", summary="Update a customer"
)
async def update_customer(call: Call, params: CustomerCreate) -> Json:
    return await customers.update(call, params)


@v1.delete("/customers/{id}", "customers.delete", Nothing, summary="Delete a customer")
async def delete_customer(call: Call, _: Nothing) -> Json:
    return await customers.delete(call)


@v1.get(
    "/customers/{id}/payment_methods",
    "customers.payment_methods.list",
    PaymentMethodList,
    accepts="CustomerPaymentMethodListParams",
    summary="List a customer's payment methods",
)
async def list_customer_payment_methods(call: Call, params: PaymentMethodList) -> Json:
    owner = (await call.target("customer", lock=False))["id"]
    return await listed(
        call, "payment_method", f"/v1/customers/{owner}/payment_methods", params, customer=owner, type=params.type
    )


@v1.post(
    "/payment_methods",
    "payment_methods.create",
    PaymentMethodCreate,
    accepts="PaymentMethodCreateParams",
    summary="Create a payment method from a card",
)
async def create_payment_method(call: Call, params: PaymentMethodCreate) -> Json:
    return await payment_methods.create(call, params)


@v1.get(
    "/payment_methods",
    "payment_methods.list",
    PaymentMethodList,
    accepts="PaymentMethodListParams",
    summary="List payment methods",
)
async def list_payment_methods(call: Call, params: PaymentMethodList) -> Json:
    where = {"customer": params.customer, "type": params.type}
    return await listed(call, "payment_method", "/v1/payment_methods", params, **where)


@v1.get("/payment_methods/{id}", "payment_methods.retrieve", Nothing, summary="Retrieve a payment method")
async def retrieve_payment_method(call: Call, _: Nothing) -> Json:
    return await payment_methods.of_id_or_token(call, call.path["id"], "payment_method")


@v1.post(
    "/payment_methods/{id}",
    "payment_methods.update",
    PaymentMethodUpdate,
    accepts="PaymentMethodUpdateParams",
    summary="Update a payment method",
)
async def update_payment_method(call: Call, params: PaymentMethodUpdate) -> Json:
    return await payment_methods.update(call, params)


@v1.post(
    "/payment_methods/{id}/attach",
    "payment_methods.attach",
    PaymentMethodAttach,
    summary="Keep a payment method for a customer",
)
async def attach_payment_method(call: Call, params: PaymentMethodAttach) -> Json:
    return await payment_methods.attach(call, call.path["id"], params.customer)


@v1.post(
    "/payment_methods/{id}/detach", "payment_methods.detach", Nothing, summary="Take a payment method from its customer"
)
async def detach_payment_method(call: Call, _: Nothing) -> Json:
    return await payment_methods.detach(call)


@v1.post("/products", "products.create", ProductCreate, accepts="ProductCreateParams", summary="Create a product")
async def create_product(call: Call, params: ProductCreate) -> Json:
    return await products.create_product(call, params)


@v1.get("/products", "products.list", Listed, accepts="ProductListParams", summary="List products")
async def list_products(call: Call, params: Listed) -> Json:
    return await listed(call, "product", "/v1/products", params)


@v1.get("/products/{id}", "products.retrieve", Nothing, summary="Retrieve a product")
async def retrieve_product(call: Call, _: Nothing) -> Json:
    return await call.target("product", lock=False)


@v1.post("/products/{id}", "products.update", ProductUpdate, accepts="ProductUpdateParams", summary="Update a product")
async def update_product(call: Call, params: ProductUpdate) -> Json:
    return await products.update_product(call, params)


@v1.post("/prices", "prices.create", PriceCreate, accepts="PriceCreateParams", summary="Create a price")
async def create_price(call: Call, params: PriceCreate) -> Json:
    return await products.create_price(call, params)


@v1.get("/prices", "prices.list", PriceList, accepts="PriceListParams", summary="List prices")
async def list_prices(call: Call, params: PriceList) -> Json:
    return await listed(call, "price", "/v1/prices", params, product=params.product, active=params.active)


@v1.get("/prices/{id}", "prices.retrieve", Nothing, summary="Retrieve a price")
async def retrieve_price(call: Call, _: Nothing) -> Json:
    return await call.target("price", lock=False)


@v1.post("/prices/{id}", "prices.update", PriceUpdate, accepts="PriceUpdateParams", summary="Update a price")
async def update_price(call: Call, params: PriceUpdate) -> Json:
    return await products.update_price(call, params)


@v1.get("/balance", "balance.retrieve", Nothing, summary="Retrieve the balance")
async def retrieve_balance(call: Call, _: Nothing) -> Json:
    """Available and pending, per currency, from all balance transactions."""
    rows = await store.balance(call.uow, call.account, call.now)
    available = [{"amount": int(row.available or 0), "currency": row.currency} for row in rows]
    pending = [{"amount": int(row.net - (row.available or 0)), "currency": row.currency} for row in rows]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


@v1.get(
    "/balance_transactions",
    "balance_transactions.list",
    BalanceTransactionList,
    accepts="BalanceTransactionListParams",
    summary="List balance transactions",
)
async def list_balance_transactions(call: Call, params: BalanceTransactionList) -> Json:
    where = {"type": params.type, "source": params.source, "currency": params.currency}
    page = await listed(call, "balance_transaction", "/v1/balance_transactions", params, **where)
    return page | {"data": [_aged(each, call.now) for each in page["data"]]}


@v1.get(
    "/balance_transactions/{id}", "balance_transactions.retrieve", Nothing, summary="Retrieve a balance transaction"
)
async def retrieve_balance_transaction(call: Call, _: Nothing) -> Json:
    return _aged(await call.target("balance_transaction", lock=False), call.now)


def _aged(transaction: Json, now: int) -> Json:
    return transaction | {"status": "available" if transaction["available_on"] <= now else "pending"}


@v1.get("/events", "events.list", EventList, accepts="EventListParams", summary="List events")
async def list_events(call: Call, params: EventList) -> Json:
    wanted = params.type if params.type or not params.types else params.types[0]
    return await listed(call, "event", "/v1/events", params, type=wanted)


@v1.get("/events/{id}", "events.retrieve", Nothing, summary="Retrieve an event")
async def retrieve_event(call: Call, _: Nothing) -> Json:
    return await call.target("event", lock=False)


@v1.post(
    "/webhook_endpoints",
    "webhook_endpoints.create",
    WebhookEndpointCreate,
    accepts="WebhookEndpointCreateParams",
    summary="Create a webhook endpoint",
)
async def create_webhook_endpoint(call: Call, params: WebhookEndpointCreate) -> Json:
    """The answer holds the signing secret, which is shown only now."""
    return await webhook_endpoints.create(call, params)


@v1.get("/webhook_endpoints", "webhook_endpoints.list", Listed, summary="List webhook endpoints")
async def list_webhook_endpoints(call: Call, params: Listed) -> Json:
    page = await listed(call, "webhook_endpoint", "/v1/webhook_endpoints", params)
    return page | {"data": [webhook_endpoints.without_secret(each) for each in page["data"]]}


@v1.get("/webhook_endpoints/{id}", "webhook_endpoints.retrieve", Nothing, summary="Retrieve a webhook endpoint")
async def retrieve_webhook_endpoint(call: Call, _: Nothing) -> Json:
    return webhook_endpoints.without_secret(await call.target("webhook_endpoint", lock=False))


@v1.post(
    "/webhook_endpoints/{id}",
    "webhook_endpoints.update",
    WebhookEndpointUpdate,
    accepts="WebhookEndpointUpdateParams",
    summary="Update a webhook endpoint",
)
async def update_webhook_endpoint(call: Call, params: WebhookEndpointUpdate) -> Json:
    return await webhook_endpoints.update(call, params)


@v1.delete("/webhook_endpoints/{id}", "webhook_endpoints.delete", Nothing, summary="Delete a webhook endpoint")
async def delete_webhook_endpoint(call: Call, _: Nothing) -> Json:
    return await webhook_endpoints.delete(call)
