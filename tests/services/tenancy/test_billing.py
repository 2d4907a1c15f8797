"""Billing over HTTP: previews, invoices, renewals from the clock, trial, past due, restriction."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.platform import Organization, Platform, created, problem
from tests.services.tenancy.mail import newest, received
from tests.services.tenancy.people import log_in, member

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import collection
from septet.services.tenancy.events import InvoiceDue, InvoicePaid, InvoicePaymentFailed, PaymentOverdue, PlanChanged

DAY = 86_400


async def billing(organization: Organization) -> dict[str, Any]:
    return dict((await organization.client.get("/billing")).json())


async def change(organization: Organization, **wanted: Any) -> dict[str, Any]:
    """Preview and change; the two must agree to the cent, the second's clock being a moment later."""
    preview = await organization.client.post("/billing/preview", json=wanted)
    changed = await organization.client.post("/billing/change", json=wanted)
    assert (preview.status_code, changed.status_code) == (200, 200), changed.text
    assert abs(changed.json()["total"] - preview.json()["total"]) <= 1
    return dict(changed.json())


async def pay(platform: Platform, organization_id: UUID, invoice_id: UUID | str) -> None:
    """What the payments service answers."""
    async with UnitOfWork(platform.runtime, system_actor(organization_id)) as uow:
        await collection.invoice_paid(uow, UUID(str(invoice_id)), "test")
        await uow.commit()
    await platform.jobs_done()


async def later(platform: Platform, organization: Organization, seconds: float) -> Organization:
    """The same organization after some time; its owner logged in anew."""
    await platform.advance(seconds)
    owner = await log_in(platform, organization.owner.email)
    client = platform.client(owner.token, organization.id)
    return Organization(organization.id, type(owner)(client, owner.id, owner.email, owner.token))


async def test_new_organization_is_free_and_plans_are_public(platform: Platform, organization: Organization) -> None:
    now = await billing(organization)
    assert (now["plan"], now["status"], now["renewalDate"]) == ("FREE", "active", None)
    assert now["seats"] == {"used": 1, "limit": 50}
    plans = (await platform.client().get("/plans")).json()["data"]
    assert [plan["key"] for plan in plans] == ["FREE", "PRO", "BUSINESS"]
    assert (await organization.client.get("/billing/invoices")).json()["data"] == []


async def test_upgrade_is_invoiced_as_previewed(platform: Platform, organization: Organization) -> None:
    preview = (await organization.client.post("/billing/preview", json={"plan": "PRO", "seats": 3})).json()
    changed = (await organization.client.post("/billing/change", json={"plan": "PRO", "seats": 3})).json()
    invoice = (await organization.client.get("/billing/invoices")).json()["data"][0]
    assert preview["lines"] == changed["lines"] == invoice["lines"]
    assert preview["total"] == changed["total"] == invoice["total"] == invoice["amountDue"] == 3600
    assert (invoice["number"], invoice["status"]) == (1, "open")
    due = await newest(platform, organization.id, InvoiceDue)
    assert (due.amount, due.currency, str(due.invoice_id)) == (3600, "EUR", invoice["id"])
    changed = await newest(platform, organization.id, PlanChanged)
    assert (changed.old_plan, changed.new_plan, changed.changed_by) == ("FREE", "PRO", organization.owner.id)
    now = await billing(organization)
    assert (now["plan"], now["seats"]["limit"]) == ("PRO", 3)
    assert now["currentPeriod"]["end"] == now["renewalDate"]
    for _ in range(2):
        await pay(platform, organization.id, invoice["id"])
    paid = await received(platform, organization.id, InvoicePaid)
    assert [(event.number, event.amount, event.reference) for event in paid] == [(1, 3600, "test")]
    assert (await organization.client.get(f"/billing/invoices/{invoice['id']}")).json()["status"] == "paid"
    features = {f["key"]: f for f in (await organization.client.get("/features")).json()["data"]}
    assert (features["projects"]["value"], features["projects"]["variant"]) == (2000, "PRO")


async def test_choices_that_cannot_be(platform: Platform, organization: Organization) -> None:
    await member(platform, organization)
    client = organization.client
    problem(await client.post("/billing/change", json={"plan": "GOLD"}), 422, "unknown_plan")
    problem(await client.post("/billing/change", json={"plan": "PRO", "seats": 501}), 422, "seats_out_of_range")
    problem(await client.post("/billing/change", json={"plan": "PRO", "seats": 1}), 409, "seats_in_use")
    assert (await change(organization, plan="PRO"))["total"] == 2400


async def test_seats_run_out(platform: Platform, organization: Organization) -> None:
    await change(organization, plan="PRO", seats=2)
    await member(platform, organization)
    refused = problem(
        await organization.client.post("/invitations", json={"email": "x@example.com"}), 402, "seat_limit_reached"
    )
    assert (refused["used"], refused["limit"]) == (2, 2)
    await change(organization, plan="PRO", seats=3)
    await member(platform, organization)


async def test_downgrade_waits_and_can_be_dropped(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    await change(organization, plan="BUSINESS", seats=5)
    down = await change(organization, plan="PRO", seats=2)
    assert (down["total"], down["immediate"]) == (0, False)
    now = await billing(organization)
    assert (now["plan"], now["pendingChange"]["plan"], now["pendingChange"]["seats"]) == ("BUSINESS", "PRO", 2)
    assert now["pendingChange"]["effectiveAt"] == now["renewalDate"] == down["effectiveAt"]
    assert (await organization.client.delete("/billing/pending-change")).status_code == 204
    assert (await billing(organization))["pendingChange"] is None
    await change(organization, plan="PRO", seats=2)
    await pay_all(own_platform, organization)
    organization = await later(own_platform, organization, 31 * DAY)
    now = await billing(organization)
    assert (now["plan"], now["seats"]["limit"], now["pendingChange"]) == ("PRO", 2, None)
    assert [i["total"] for i in (await organization.client.get("/billing/invoices")).json()["data"]] == [2400, 12_000]


async def pay_all(platform: Platform, organization: Organization) -> None:
    for due in await received(platform, organization.id, InvoiceDue):
        await pay(platform, organization.id, due.invoice_id)


async def test_a_year_of_renewals_from_the_clock(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    await change(organization, plan="PRO", seats=2)
    for _ in range(12):
        await pay_all(own_platform, organization)
        organization = await later(own_platform, organization, 31 * DAY)
    invoices = (await organization.client.get("/billing/invoices")).json()["data"]
    assert [i["number"] for i in invoices] == list(range(len(invoices), 0, -1))
    assert len(invoices) == 13
    assert {i["total"] for i in invoices} == {2400}
    for newer, older in itertools.pairwise(invoices):
        assert newer["periodStart"] == older["periodEnd"]


async def test_cancellation_ends_with_the_period(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    await change(organization, plan="PRO", interval="year", seats=1)
    await pay_all(own_platform, organization)
    assert (await organization.client.post("/billing/cancel")).json()["immediate"] is False
    organization = await later(own_platform, organization, 364 * DAY)
    assert (await billing(organization))["plan"] == "PRO"
    organization = await later(own_platform, organization, 2 * DAY)
    now = await billing(organization)
    assert (now["plan"], now["status"], now["renewalDate"], now["pendingChange"]) == ("FREE", "active", None, None)
    assert len((await organization.client.get("/billing/invoices")).json()["data"]) == 1


async def test_trial_is_had_once_and_ends_by_itself(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    trying = created(await organization.client.post("/billing/trial", json={"plan": "PRO"}))
    assert (trying["plan"], trying["status"], trying["seats"]["limit"]) == ("PRO", "trialing", 500)
    problem(await organization.client.post("/billing/trial", json={"plan": "PRO"}), 409, "trial_not_available")
    organization = await later(own_platform, organization, 14 * DAY + 60)
    now = await billing(organization)
    assert (now["plan"], now["status"], now["trialEndsAt"]) == ("FREE", "active", None)
    problem(await organization.client.post("/billing/trial", json={"plan": "PRO"}), 409, "trial_not_available")
    assert (await organization.client.get("/billing/invoices")).json()["data"] == []


async def test_unpaid_is_reminded_restricted_and_back_once_paid(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    key = await own_platform.api_client(organization)
    await change(organization, plan="PRO", seats=2)
    invoice = await newest(own_platform, organization.id, InvoiceDue)
    async with UnitOfWork(own_platform.runtime, system_actor(organization.id)) as uow:
        await collection.invoice_payment_failed(uow, invoice.invoice_id, "card_declined")
        await uow.commit()
    failed = await newest(own_platform, organization.id, InvoicePaymentFailed)
    assert (failed.invoice_id, failed.amount, failed.reason) == (invoice.invoice_id, 2400, "card_declined")
    assert (await billing(organization))["status"] == "past_due"
    problem(await organization.client.post("/billing/change", json={"plan": "BUSINESS"}), 402, "payment_due")
    for days, told in ((1, [1]), (2, [1, 3]), (4, [1, 3, 7]), (6, [1, 3, 7])):
        await own_platform.advance(days * DAY)
        assert [e.days for e in await received(own_platform, organization.id, PaymentOverdue)] == told
    assert (await organization.client.post("/projects", json={"name": "P"})).status_code == 201
    organization = await later(own_platform, organization, DAY + 60)
    for client in (organization.client, key):
        problem(await client.post("/projects", json={"name": "Q"}), 402, "organization_read_only")
        assert (await client.get("/projects")).status_code == 200
    assert (await billing(organization))["status"] == "restricted"
    again = await organization.client.post(f"/billing/invoices/{invoice.invoice_id}/pay")
    assert again.status_code == 202
    assert len(await received(own_platform, organization.id, InvoiceDue)) == 2
    await pay(own_platform, organization.id, invoice.invoice_id)
    assert (await billing(organization))["status"] == "active"
    for client in (organization.client, key):
        created(await client.post("/projects", json={"name": "R"}))


async def test_time_of_a_restriction_is_not_billed(own_platform: Platform) -> None:
    """Paid two periods later, it goes on with a new period from that day."""
    organization = await own_platform.organization()
    await change(organization, plan="PRO", seats=2)
    unpaid = await newest(own_platform, organization.id, InvoiceDue)
    organization = await later(own_platform, organization, 70 * DAY)
    assert (await billing(organization))["status"] == "restricted"
    assert len((await organization.client.get("/billing/invoices")).json()["data"]) == 1
    await pay(own_platform, organization.id, unpaid.invoice_id)
    now = await billing(organization)
    resumed, first = (await organization.client.get("/billing/invoices")).json()["data"]
    assert (now["status"], first["status"], resumed["status"]) == ("active", "paid", "open")
    assert (resumed["total"], resumed["reason"]) == (2400, "resumption")
    assert resumed["periodStart"] == now["currentPeriod"]["start"] > first["periodEnd"]
    assert own_platform.runtime.clock.now() - datetime.fromisoformat(resumed["periodStart"]) < timedelta(minutes=5)


async def test_no_reminder_without_a_failed_or_late_payment(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    await change(organization, plan="PRO", seats=1)
    await own_platform.advance(3600)
    assert (await billing(organization))["status"] == "active"
    await own_platform.advance(DAY)
    assert (await billing(organization))["status"] == "past_due"
    await pay_all(own_platform, organization)
    assert (await billing(organization))["status"] == "active"
    await own_platform.advance(10 * DAY)
    assert await received(own_platform, organization.id, PaymentOverdue) == []
