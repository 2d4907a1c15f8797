"""`/v1`: payment intents, setup intents, charges, refunds, disputes."""

from typing import Any

from septet.services.provider.actions import charges, disputes, payment_intents, refunds, setup_intents
from septet.services.provider.actions.lists import listed, searched
from septet.services.provider.call import Call
from septet.services.provider.operations import Operations
from septet.services.provider.schemas import (
    ChargeList,
    Described,
    DisputeUpdate,
    Listed,
    Nothing,
    PaymentIntentCancel,
    PaymentIntentCapture,
    PaymentIntentConfirm,
    PaymentIntentCreate,
    PaymentIntentList,
    PaymentIntentUpdate,
    RefundCreate,
    RefundList,
    Search,
    SetupIntentConfirm,
    SetupIntentCreate,
)

Json = dict[str, Any]
v1 = Operations("/v1", "payments")
INTENTS, INTENT = "/payment_intents", "/payment_intents/{id}"


@v1.post(
    INTENTS,
    "payment_intents.create",
    PaymentIntentCreate,
    accepts="PaymentIntentCreateParams",
    summary="Create a payment intent",
)
async def create_payment_intent(call: Call, params: PaymentIntentCreate) -> Json:
    return await payment_intents.create(call, params)


@v1.get(INTENTS, "payment_intents.list", PaymentIntentList, summary="List payment intents")
async def list_payment_intents(call: Call, params: PaymentIntentList) -> Json:
    return await listed(call, "payment_intent", "/v1/payment_intents", params, customer=params.customer)


@v1.get(f"{INTENTS}/search", "payment_intents.search", Search, summary="Search payment intents")
async def search_payment_intents(call: Call, params: Search) -> Json:
    return await searched(call, "payment_intent", "/v1/payment_intents/search", params)


@v1.get(
    INTENT,
    "payment_intents.retrieve",
    Nothing,
    accepts="PaymentIntentRetrieveParams",
    summary="Retrieve a payment intent",
)
async def retrieve_payment_intent(call: Call, _: Nothing) -> Json:
    return await call.target("payment_intent", lock=False)


@v1.post(
    INTENT,
    "payment_intents.update",
    PaymentIntentUpdate,
    accepts="PaymentIntentUpdateParams",
    summary="Update a payment intent",
)
async def update_payment_intent(call: Call, params: PaymentIntentUpdate) -> Json:
    return await payment_intents.update(call, params)


@v1.post(
    f"{INTENT}/confirm",
    "payment_intents.confirm",
    PaymentIntentConfirm,
    accepts="PaymentIntentConfirmParams",
    summary="Confirm a payment intent",
)
async def confirm_payment_intent(call: Call, params: PaymentIntentConfirm) -> Json:
    return await payment_intents.confirm(call, params)


@v1.post(
    f"{INTENT}/capture",
    "payment_intents.capture",
    PaymentIntentCapture,
    accepts="PaymentIntentCaptureParams",
    summary="Capture a payment intent",
)
async def capture_payment_intent(call: Call, params: PaymentIntentCapture) -> Json:
    return await payment_intents.capture(call, params)


@v1.post(
    f"{INTENT}/cancel",
    "payment_intents.cancel",
    PaymentIntentCancel,
    accepts="PaymentIntentCancelParams",
    summary="Cancel a payment intent",
)
async def cancel_payment_intent(call: Call, params: PaymentIntentCancel) -> Json:
    return await payment_intents.cancel(call, params)


@v1.post(
    "/setup_intents",
    "setup_intents.create",
    SetupIntentCreate,
    accepts="SetupIntentCreateParams",
    summary="Create a setup intent",
)
async def create_setup_intent(call: Call, params: SetupIntentCreate) -> Json:
    return await setup_intents.create(call, params)


@v1.get("/setup_intents", "setup_intents.list", Listed, accepts="SetupIntentListParams", summary="List setup intents")
async def list_setup_intents(call: Call, params: Listed) -> Json:
    return await listed(call, "setup_intent", "/v1/setup_intents", params)


@v1.get(
    "/setup_intents/{id}",
    "setup_intents.retrieve",
    Nothing,
    accepts="SetupIntentRetrieveParams",
    summary="Retrieve a setup intent",
)
async def retrieve_setup_intent(call: Call, _: Nothing) -> Json:
    return await call.target("setup_intent", lock=False)


@v1.post(
    "/setup_intents/{id}/confirm",
    "setup_intents.confirm",
    SetupIntentConfirm,
    accepts="SetupIntentConfirmParams",
    summary="Confirm a setup intent",
)
async def confirm_setup_intent(call: Call, params: SetupIntentConfirm) -> Json:
    return await setup_intents.confirm(call, params)


@v1.post(
    "/setup_intents/{id}/cancel",
    "setup_intents.cancel",
    Nothing,
    accepts="SetupIntentCancelParams",
    summary="Cancel a setup intent",
)
async def cancel_setup_intent(call: Call, _: Nothing) -> Json:
    return await setup_intents.cancel(call)


@v1.get("/charges", "charges.list", ChargeList, accepts="ChargeListParams", summary="List charges")
async def list_charges(call: Call, params: ChargeList) -> Json:
    where = {"customer": params.customer, "payment_intent": params.payment_intent}
    return await listed(call, "charge", "/v1/charges", params, **where)


@v1.get("/charges/search", "charges.search", Search, summary="Search charges")
async def search_charges(call: Call, params: Search) -> Json:
    return await searched(call, "charge", "/v1/charges/search", params)


@v1.get("/charges/{id}", "charges.retrieve", Nothing, summary="Retrieve a charge")
async def retrieve_charge(call: Call, _: Nothing) -> Json:
    return await call.target("charge", lock=False)


@v1.post("/charges/{id}", "charges.update", Described, accepts="ChargeUpdateParams", summary="Describe a charge")
async def update_charge(call: Call, params: Described) -> Json:
    return await charges.update(call, params)


@v1.get("/charges/{id}/refunds", "charges.refunds.list", Listed, summary="List a charge's refunds")
async def list_charge_refunds(call: Call, params: Listed) -> Json:
    charge = await call.target("charge", lock=False)
    where = {"payment_intent": charge["payment_intent"], "charge": charge["id"]}
    return await listed(call, "refund", f"/v1/charges/{charge['id']}/refunds", params, **where)


@v1.post(
    "/refunds",
    "refunds.create",
    RefundCreate,
    accepts="RefundCreateParams",
    summary="Refund a charge, whole or in part",
)
async def create_refund(call: Call, params: RefundCreate) -> Json:
    return await refunds.create(call, params)


@v1.get("/refunds", "refunds.list", RefundList, summary="List refunds")
async def list_refunds(call: Call, params: RefundList) -> Json:
    where = {"charge": params.charge, "payment_intent": params.payment_intent}
    return await listed(call, "refund", "/v1/refunds", params, **where)


@v1.get("/refunds/{id}", "refunds.retrieve", Nothing, summary="Retrieve a refund")
async def retrieve_refund(call: Call, _: Nothing) -> Json:
    return await call.target("refund", lock=False)


@v1.post(
    "/refunds/{id}", "refunds.update", Described, accepts="RefundUpdateParams", summary="Update a refund's metadata"
)
async def update_refund(call: Call, params: Described) -> Json:
    return await refunds.update(call, params)


@v1.get("/disputes", "disputes.list", RefundList, summary="List disputes")
async def list_disputes(call: Call, params: RefundList) -> Json:
    where = {"charge": params.charge, "payment_intent": params.payment_intent}
    return await listed(call, "dispute", "/v1/disputes", params, **where)


@v1.get("/disputes/{id}", "disputes.retrieve", Nothing, summary="Retrieve a dispute")
async def retrieve_dispute(call: Call, _: Nothing) -> Json:
    return await call.target("dispute", lock=False)


@v1.post("/disputes/{id}", "disputes.update", DisputeUpdate, summary="Answer a dispute with evidence")
async def update_dispute(call: Call, params: DisputeUpdate) -> Json:
    return await disputes.update(call, params)


@v1.post("/disputes/{id}/close", "disputes.close", Nothing, summary="Accept a dispute as lost")
async def close_dispute(call: Call, _: Nothing) -> Json:
    return await disputes.close(call)
