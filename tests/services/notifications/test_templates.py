"""Templates: drafts and publication, plural forms, fallbacks, escaping, partials and layout."""

from typing import Any

from tests.platform import Organization, Platform, created, problem

COUNT_PL = "{count, plural, one {# plik} few {# pliki} many {# plików} other {# pliku}}"
COUNT_AR = "{count, plural, zero {z#} one {o#} two {t#} few {f#} many {m#} other {x#}}"


def template(**locales: dict[str, Any]) -> dict[str, Any]:
    return {"key": "files", "category": "files", "defaultLocale": "en", "channels": {"inApp": locales}}


async def publish(organization: Organization, body: dict[str, Any]) -> None:
    created(await organization.client.post("/templates", json=body))
    answer = await organization.client.post(f"/templates/{body['key']}/publish")
    assert answer.status_code == 200, answer.text


async def preview(organization: Organization, key: str, locale: str, **data: Any) -> dict[str, Any]:
    answer = await organization.client.post(f"/templates/{key}/preview", json={"locale": locale, "data": data})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_publishing_lists_every_gap(organization: Organization) -> None:
    body = template(
        en={"title": "{userName}: {count, plural, one {# file} other {# files}}", "body": "{who}"},
        pl={"title": "{count, plural, one {# plik} other {# pliku}}"},
    )
    body["channels"]["email"] = {"en": {"subject": "x", "text": "{count}"}}
    created(await organization.client.post("/templates", json=body))
    refused = problem(await organization.client.post("/templates/files/publish"), 422, "template_incomplete")
    gaps = {(e["field"], e["message"]) for e in refused["errors"]}
    assert ("inApp.pl.title", "lacks the plural forms few, many of `count`, which Polish needs") in gaps
    assert ("inApp.pl", "does not use the variable `who`, which other locales use") in gaps
    assert ("inApp.pl", "does not use the variable `userName`, which other locales use") in gaps
    assert ("email.pl", "is missing: every channel needs the locales of all others") in gaps
    assert len(gaps) == 4
    answer = await organization.client.post(
        "/notifications", json={"template": "files", "to": {"userId": str(organization.owner.id)}}
    )
    problem(answer, 409, "template_unpublished")


async def test_a_deleted_template_is_gone_for_its_organization_alone(
    organization: Organization, stranger: Organization
) -> None:
    for owner in (organization, stranger):
        await publish(owner, template(en={"title": "Hi"}))
    assert (await organization.client.delete("/templates/files")).status_code == 204
    problem(await organization.client.get("/templates/files"), 404, "template_not_found")
    problem(await organization.client.delete("/templates/files"), 404, "template_not_found")
    assert (await stranger.client.get("/templates/files")).status_code == 200


async def test_plural_forms_of_four_languages(organization: Organization) -> None:
    await publish(
        organization,
        template(
            en={"title": "{count, plural, =0 {no files} one {# file} other {# files}}"},
            pl={"title": COUNT_PL},
            ar={"title": COUNT_AR},
            ja={"title": "{count, plural, other {# 個}}"},
        ),
    )

    async def title(locale: str, count: int) -> str:
        return (await preview(organization, "files", locale, count=count))["messages"][0]["title"]

    assert [await title("en", n) for n in (0, 1, 1200)] == ["no files", "1 file", "1,200 files"]
    assert [await title("pl", n) for n in (1, 2, 5, 22, 25)] == [
        "1 plik",
        "2 pliki",
        "5 plików",
        "22 pliki",
        "25 plików",
    ]
    assert [(await title("ar", n))[0] for n in (0, 1, 2, 5, 11, 100)] == ["z", "o", "t", "f", "m", "x"]
    assert await title("ja", 3) == "3 個"


async def test_a_missing_locale_falls_back_and_says_so(organization: Organization) -> None:
    await publish(organization, template(en={"title": "Hi"}, pl={"title": "Cześć"}))
    assert (await preview(organization, "files", "pl-PL"))["messages"][0] | {"body": ""} == {
        "channel": "inApp", "locale": "pl", "fallback": False, "title": "Cześć", "body": "", "html": None, "link": None,
    }  # fmt: skip
    french = (await preview(organization, "files", "fr"))["messages"][0]
    assert (french["title"], french["locale"], french["fallback"]) == ("Hi", "en", True)


async def test_mail_is_escaped_laid_out_and_right_to_left(platform: Platform, organization: Organization) -> None:
    branding = {"layout": {"productName": "{Acme}'s", "color": "#ff0000"}, "partials": {"sign": "<p>Yours, {team}</p>"}}
    assert (await organization.client.put("/branding", json=branding)).status_code == 200
    html = '<p>{userName} <a class="button" href="{link}">x</a></p>{>sign}'
    body = {
        "key": "mail",
        "defaultLocale": "en",
        "channels": {"email": {tag: {"subject": "A {userName}", "html": html} for tag in ("en", "ar")}},
    }
    await publish(organization, body)
    attack = {"userName": '<script>"', "link": "javascript:alert(1)", "team": "{>sign}{userName}"}
    message = (await preview(organization, "mail", "ar", **attack))["messages"][0]
    assert 'dir="rtl"' in message["html"]
    assert "&lt;script&gt;" in message["html"] and "<script>" not in message["html"]
    assert "javascript:" not in message["html"]
    assert "Yours, {&gt;sign}{userName}" in message["html"]
    assert "background: #ff0000" in message["html"] and "{Acme}'s" in message["html"]
    assert message["title"] == 'A <script>"'


async def test_mjml_and_plain_text(organization: Organization) -> None:
    mjml = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {userName}</mj-text>"
        '<mj-button href="{link}">Go</mj-button></mj-column></mj-section></mj-body></mjml>'
    )
    body = {"key": "mj", "channels": {"email": {"en": {"subject": "S", "mjml": mjml}}}}
    await publish(organization, body)
    message = (await preview(organization, "mj", "en", userName="Ada", link="https://example.com/?a=1&b=2"))[
        "messages"
    ][0]
    assert "<mj-" not in message["html"] and "Hello Ada" in message["html"]
    assert "https://example.com/?a=1&amp;b=2" in message["html"]
    assert "Go (https://example.com/?a=1&b=2)" in message["body"]


async def test_cyclic_partials_are_refused(organization: Organization) -> None:
    branding = {"partials": {"a": "{>b}", "b": "{>a}"}}
    refused = problem(await organization.client.put("/branding", json=branding), 422, "template_invalid")
    assert "a → b → a" in refused["detail"]


async def test_versions_and_the_draft(platform: Platform, organization: Organization) -> None:
    await publish(organization, template(en={"title": "one"}))
    draft = template(en={"title": "two"})
    answer = await organization.client.put("/templates/files", json=draft)
    assert answer.status_code == 200
    stale = await organization.client.put("/templates/files", json=draft, headers={"If-Match": '"other"'})
    problem(stale, 412, "precondition_failed")
    sent = await organization.client.post(
        "/notifications", json={"template": "files", "to": {"userId": str(organization.owner.id)}}
    )
    assert sent.status_code == 202
    await organization.client.post("/templates/files/publish")
    await platform.jobs_done()
    assert (await organization.client.get("/inbox")).json()["data"][0]["title"] == "one"
    versions = (await organization.client.get("/templates/files/versions")).json()["data"]
    assert [(v["version"], v["template"]["channels"]["inApp"]["en"]["title"]) for v in versions] == [
        (2, "two"),
        (1, "one"),
    ]


async def test_missing_data_is_listed(organization: Organization) -> None:
    await publish(organization, template(en={"title": "{order.id} {userName} {link} {total, number}"}))
    body = {"template": "files", "to": {"userId": str(organization.owner.id)}, "data": {"order": {"id": 7}}}
    refused = problem(await organization.client.post("/notifications", json=body), 422, "missing_data")
    assert [e["field"] for e in refused["errors"]] == ["data.total"]


async def test_dates_and_money_speak_the_recipients_language(organization: Organization) -> None:
    title = "{at, date, long} {at, time, short} {n, number, ::currency/EUR} {p, number, percent} "
    title += "{g, select, f {she} other {they}}"
    await publish(organization, template(en={"title": title}, pl={"title": title}))
    data = {"at": "2030-03-31T22:30:00Z", "n": 1234.5, "p": 0.25, "g": "f"}
    body = {"locale": "pl", "data": data, "timeZone": "Europe/Warsaw"}
    answer = (await organization.client.post("/templates/files/preview", json=body)).json()
    assert answer["messages"][0]["title"] == "1 kwietnia 2030 00:30 1\xa0234,50\xa0€ 25% she"


async def test_built_in_templates_exist_in_three_languages(organization: Organization, stranger: Organization) -> None:
    listed = (await organization.client.get("/templates")).json()["data"]
    keys = {t["key"] for t in listed if t["system"]}
    assert {
        "tenancy.invitation", "tenancy.verification", "tenancy.password_reset", "tenancy.new_device",
        "tenancy.task_assigned", "chat.mention", "payments.invoice_failed", "payments.reconciliation", "logs.alert",
        "limits.nearly_reached",
    } <= keys  # fmt: skip
    for key in keys:
        copy = (await organization.client.get(f"/templates/{key}")).json()
        assert set(copy["channels"]["email"]) == {"en", "pl", "ar"}
        own = {name: copy[name] for name in ("key", "category", "defaultLocale", "channels")}
        await publish(organization, own)
    other = "chat.mention" if own["key"] != "chat.mention" else "logs.alert"
    problem(await stranger.client.put(f"/templates/{other}", json=own), 400, "bad_parameter")
    mine = [t for t in (await organization.client.get("/templates")).json()["data"] if t["system"]]
    assert mine == []
