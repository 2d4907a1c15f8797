"""The plan is upgraded: the first card is declined, the organization is past due, the second card pays."""

from typing import Any

from septet.tour.journey import Tour

PLAN, SEATS = "PRO", 5
DECLINED, GOOD = "pm_card_chargeCustomerFail", "pm_card_visa"
CONSOLE = "/billing"


async def upgrade(tour: Tour) -> None:
    """Each step waits for what the payment made of the invoice."""
    ada = tour.ada.api
    plans = {plan["key"]: plan for plan in (await ada.call("GET", "/plans"))["data"]}
    price = plans[PLAN]["pricePerSeat"]["month"] * SEATS
    await ada.call("PUT", "/payments/saved-method", {"paymentMethod": DECLINED})
    quote = await ada.call("POST", "/billing/change", {"plan": PLAN, "seats": SEATS})
    refused = await tour.settled(lambda: _standing(tour), ("past_due", "open"))
    tour.check("after the declined card", refused, ("past_due", "open"), console=CONSOLE, api="GET /billing")
    mails = await tour.settled(lambda: _mails(tour), 1)
    tour.check("mails about it to Ada", mails, 1, console="/notifications", api="GET /mailbox")
    await ada.call("PUT", "/payments/saved-method", {"paymentMethod": GOOD})
    await ada.call("POST", f"/billing/invoices/{(await _invoice(tour))['id']}/pay")
    paid = await tour.settled(lambda: _standing(tour), ("active", "paid"))
    tour.check("after the good card", paid, ("active", "paid"), console=CONSOLE, api="GET /billing")
    invoice = await _invoice(tour)
    tour.check("paid, in cents", invoice["amountDue"], price, console=CONSOLE, api="GET /billing/invoices")
    tour.check("as the quote said", quote["amountDue"], price, console=CONSOLE, api="POST /billing/preview")


async def _standing(tour: Tour) -> tuple[str, str]:
    billing = await tour.ada.api.call("GET", "/billing")
    return billing["status"], (await _invoice(tour))["status"]


async def _invoice(tour: Tour) -> Any:
    return (await tour.ada.api.call("GET", "/billing/invoices"))["data"][0]


async def _mails(tour: Tour) -> int:
    mails = (await tour.ada.api.call("GET", "/mailbox", to=tour.ada.email))["data"]
    return len([mail for mail in mails if "payment" in mail["subject"].lower()])
