"""A domain of one's own: claimed, proven by a DNS record, given to a new link, and given up."""

import re

from playwright.sync_api import expect

from tests.browser.people import Person, Visit
from tests.name_server import NameServer


def test_a_domain_is_proven_and_used(ada: Person, visit: Visit, names: NameServer) -> None:
    visitor = visit(ada)
    visitor.guard.forgiven = ("409", "422")
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open("/links?tab=domains")
    page.get_by_role("button", name="Add a domain").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Domain").fill("no domain")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_label("Domain")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Domain").fill("go.ada.example")
    dialog.get_by_role("button", name="Add", exact=True).click()

    proof = page.get_by_role("dialog", name="go.ada.example")
    expect(proof).to_be_visible()
    [domain] = ada.get("/links/domains")["data"]
    expect(proof).to_contain_text(domain["txtName"])
    proof.get_by_role("button", name="Copy the value").click()
    assert page.evaluate("navigator.clipboard.readText()") == domain["txtValue"]
    proof.get_by_role("button", name="Check now").click()
    expect(proof.get_by_role("alert")).to_contain_text("there is no TXT record at that name")
    names.records[domain["txtName"]].append(domain["txtValue"])
    proof.get_by_role("button", name="Check now").click()
    expect(proof).to_contain_text("The domain is yours")
    proof.get_by_role("button", name="Close").click()
    row = page.get_by_role("row").filter(has_text="go.ada.example")
    expect(row).to_contain_text("verified")
    expect(page).to_have_url(re.compile(r"/links\?tab=domains$"))

    page.get_by_role("tab", name="Links").click()
    page.get_by_role("button", name="New link").first.click()
    dialog.get_by_label("Address").fill("https://example.com/spring")
    dialog.get_by_role("combobox", name="Domain").click()
    page.get_by_role("option", name="go.ada.example").click()
    dialog.get_by_role("button", name="Shorten").click()
    expect(page.get_by_role("link", name=re.compile("go.ada.example"))).to_be_visible()
    [link] = ada.get("/links")["data"]
    assert link["domain"] == "go.ada.example"


def test_a_domain_with_links_stays(ada: Person, visit: Visit, names: NameServer) -> None:
    domain = ada.post("/links/domains", {"host": "busy.ada.example"})
    names.records[domain["txtName"]].append(domain["txtValue"])
    ada.post(f"/links/domains/{domain['id']}/verify")
    ada.post("/links", {"url": "https://example.com/", "domain": "busy.ada.example"})
    ada.post("/links/domains", {"host": "idle.ada.example"})
    visitor = visit(ada, apart=True)
    visitor.guard.forgiven = ("409",)
    visitor.page.clock.install()  # what is removed can be undone for seconds, which are skipped
    page = visitor.open("/links?tab=domains")
    for host in ("busy", "idle"):
        page.get_by_role("row").filter(has_text=host).get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The domain idle.ada.example was deleted.")).to_be_visible()
    page.clock.run_for(5000)
    expect(page.get_by_text("still has 1 links; delete them first")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="busy")).to_have_count(1)
    assert [each["host"] for each in ada.get("/links/domains")["data"]] == ["busy.ada.example"]
