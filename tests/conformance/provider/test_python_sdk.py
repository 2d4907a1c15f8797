"""The unmodified official SDK for Python drives every flow of the provider."""

import httpx
import pytest
import stripe

PAYMENT = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa"}


async def test_automatic_capture_books_charge_and_balance(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async(
        {"amount": 2000, "currency": "USD", "metadata": {"order": "7"}}
    )
    assert (intent.status, intent.currency, intent.amount_received) == ("requires_payment_method", "usd", 0)
    paid = await client.v1.payment_intents.confirm_async(
        intent.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge.balance_transaction", "payment_method"]}
    )
    charge = paid.latest_charge
    assert paid.status == "succeeded"
    assert isinstance(charge, stripe.Charge)
    assert (charge.paid, charge.amount_captured, charge.metadata["order"]) == (True, 2000, "7")
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (88, 1912)
    assert paid.payment_method.card.last4 == "4242"
    balance = await client.v1.balance.retrieve_async()
    assert [(each.amount, each.currency) for each in balance.pending] == [(1912, "usd")]
    types = [event.type for event in (await client.v1.events.list_async()).data]
    assert types == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


async def test_manual_capture_of_a_part_releases_the_rest(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async({**PAYMENT, "capture_method": "manual", "confirm": True})
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 2001})
    assert refused.value.code == "amount_too_large"
    captured = await client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 500})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 500, 0)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 501})
    await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert (await client.v1.balance_transactions.list_async({"type": "refund"})).data[0].amount == -500


async def test_cancel_releases_an_authorization(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async({**PAYMENT, "capture_method": "manual", "confirm": True})
    canceled = await client.v1.payment_intents.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert (await client.v1.balance_transactions.list_async()).data == []


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "processing_error", "processing_error"),
        ("4000000000000341", "card_declined", "generic_decline"),
    ],
)
async def test_declines_leave_the_intent_retriable(
    client: stripe.StripeClient, number: str, code: str, decline_code: str
) -> None:
    method = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}}
    )
    intent = await client.v1.payment_intents.create_async({"amount": 2000, "currency": "eur"})
    with pytest.raises(stripe.CardError) as declined:
        await client.v1.payment_intents.confirm_async(intent.id, {"payment_method": method.id})
    error = declined.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
    assert error.error.payment_intent.id == intent.id
    after = await client.v1.payment_intents.retrieve_async(intent.id)
    assert (after.status, after.last_payment_error.code) == ("requires_payment_method", code)
    paid = await client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


async def test_magic_amount_declines_whatever_the_card(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await client.v1.payment_intents.create_async({**PAYMENT, "amount": 66_609_995, "confirm": True})
    assert declined.value.error.decline_code == "insufficient_funds"


async def test_off_session_needs_authentication(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await client.v1.payment_intents.create_async(
            {**PAYMENT, "payment_method": "pm_card_authenticationRequired", "confirm": True, "off_session": True}
        )
    assert declined.value.code == "authentication_required"


@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"amount": -1}, "parameter_invalid_integer", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": "10.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": 10**12}, "amount_too_large", "amount"),
        ({"amount": ""}, "parameter_invalid_empty", "amount"),
        ({"currency": "xyz"}, None, "currency"),
        ({"currency": "kwd", "amount": 1001}, None, "amount"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"customer": "cus_of_somebody_else"}, "resource_missing", "customer"),
        ({"payment_method": "pm_card_unheard_of"}, "resource_missing", "payment_method"),
    ],
)
async def test_bad_parameters_change_nothing(
    client: stripe.StripeClient, changed: dict[str, object], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.create_async({**PAYMENT, **changed})  # type: ignore[typeddict-item]
    assert (refused.value.code, refused.value.param) == (code, param)
    assert (await client.v1.payment_intents.list_async()).data == []


@pytest.mark.parametrize(("currency", "amount"), [("jpy", 500), ("kwd", 5000)])
async def test_currencies_without_two_decimals(client: stripe.StripeClient, currency: str, amount: int) -> None:
    paid = await client.v1.payment_intents.create_async(
        {**PAYMENT, "amount": amount, "currency": currency, "confirm": True}
    )
    assert (paid.status, paid.amount_received, paid.currency) == ("succeeded", amount, currency)


async def test_search_by_metadata_and_pages(client: stripe.StripeClient) -> None:
    intents = [
        await client.v1.payment_intents.create_async(
            {"amount": 100 + n, "currency": "usd", "metadata": {"n": str(n % 2)}}
        )
        for n in range(5)
    ]
    found = await client.v1.payment_intents.search_async({"query": "metadata['n']:'1' AND amount>101"})
    assert [each.id for each in found.data] == [intents[3].id]
    listed = await client.v1.payment_intents.list_async({"limit": 2})
    assert [each.id async for each in listed.auto_paging_iter()] == [each.id for each in intents[::-1]]
    before = await client.v1.payment_intents.list_async({"limit": 2, "ending_before": intents[0].id})
    assert [each.id for each in before.data] == [intents[2].id, intents[1].id]


async def test_accounts_do_not_see_each_other(client: stripe.StripeClient, new_client) -> None:  # type: ignore[no-untyped-def]
    stranger = new_client()
    intent = await client.v1.payment_intents.create_async(PAYMENT)
    for attempt in (
        stranger.v1.payment_intents.retrieve_async(intent.id),
        stranger.v1.payment_intents.confirm_async(intent.id),
        stranger.v1.payment_intents.cancel_async(intent.id),
        stranger.v1.refunds.create_async({"payment_intent": intent.id}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await attempt
        assert refused.value.code == "resource_missing"
    assert (await stranger.v1.events.list_async()).data == []


async def test_customer_keeps_a_card_and_pays_off_session(client: stripe.StripeClient) -> None:
    customer = await client.v1.customers.create_async({"email": "ada@example.com", "name": "Ada"})
    setup = await client.v1.setup_intents.create_async(
        {"customer": customer.id, "payment_method": "pm_card_mastercard", "confirm": True}
    )
    assert setup.status == "succeeded"
    (method,) = (await client.v1.customers.payment_methods.list_async(customer.id)).data
    assert (method.card.brand, method.customer) == ("mastercard", customer.id)
    paid = await client.v1.payment_intents.create_async(
        {
            "amount": 1500,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": method.id,
            "off_session": True,
            "confirm": True,
        }
    )
    assert paid.status == "succeeded"
    assert (await client.v1.payment_methods.detach_async(method.id)).customer is None
    assert (await client.v1.customers.delete_async(customer.id)).deleted
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payment_intents.create_async({"amount": 1, "currency": "usd", "customer": customer.id})


async def test_a_card_that_attaches_and_then_fails(client: stripe.StripeClient) -> None:
    customer = await client.v1.customers.create_async({})
    with pytest.raises(stripe.CardError):
        await client.v1.payment_methods.attach_async("pm_card_chargeDeclined", {"customer": customer.id})
    method = await client.v1.payment_methods.attach_async("pm_card_chargeCustomerFail", {"customer": customer.id})
    with pytest.raises(stripe.CardError):
        await client.v1.payment_intents.create_async(
            {"amount": 100, "currency": "usd", "customer": customer.id, "payment_method": method.id, "confirm": True}
        )


async def test_a_dispute_withdraws_money_and_gives_it_back(client: stripe.StripeClient) -> None:
    await client.v1.payment_intents.create_async(
        {**PAYMENT, "payment_method": "pm_card_createDispute", "confirm": True}
    )
    (dispute,) = (await client.v1.disputes.list_async()).data
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 2000, "fraudulent")
    won = await client.v1.disputes.update_async(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert won.status == "won"
    balance = await client.v1.balance.retrieve_async()
    assert balance.pending[0].amount == 2000 - 88 - 1500
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.disputes.close_async(dispute.id)


async def test_products_and_prices(client: stripe.StripeClient) -> None:
    product = await client.v1.products.create_async({"name": "Book", "metadata": {"isbn": "1"}})
    price = await client.v1.prices.create_async(
        {"product": product.id, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    )
    assert (price.type, price.recurring.interval) == ("recurring", "month")
    found = await client.v1.prices.retrieve_async(price.id, {"expand": ["product"]})
    assert found.product.name == "Book"
    assert [each.id for each in (await client.v1.prices.list_async({"product": product.id})).data] == [price.id]


async def test_the_sdk_retries_what_was_lost_and_charges_once(new_client, provider_url: str) -> None:  # type: ignore[no-untyped-def]
    key = "sk_test_retries"
    client = new_client(key, retries=2)
    async with httpx.AsyncClient(base_url=provider_url, headers={"Authorization": f"Bearer {key}"}) as http:
        for kind in ("timeout_after_success", "connection_reset", "error_before_commit"):
            await http.post(
                "/simulator/faults",
                json={"kind": kind, "operation": "payment_intents.create", "next": 1, "delayMs": 10},
            )
            assert (await client.v1.payment_intents.create_async({**PAYMENT, "confirm": True})).status == "succeeded"
    assert len((await client.v1.charges.list_async()).data) == 3
