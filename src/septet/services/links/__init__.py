"""Links: a URL shortener with click analytics.

Promises: a redirect is answered only once its click is safe, and every click is counted exactly once, through crashes
of every process. An edit is seen by every process in under a second. Non-goals: fetching targets (titles, previews).

For integrations:

    from septet.services.links.actions.shortening import shorten
    short_urls: dict[str, str] = await shorten(uow, urls, source=f"mail:{delivery_id}")

    async def shorten(uow: UnitOfWork, urls: Collection[str], *, source: str) -> dict[str, str]

makes a short link for each of the URLs, for the unit of work's tenant and within its transaction, without asking what
the actor may do. URLs that no link may lead to are left out of the answer (leave those as they are). `source`: at most
100 printable ASCII characters, `<who>:<what>`. Such links carry the tag `<who>`, are out of the list of links unless
it is asked for by `?source=<who>`, and do not count against the plan. Each of their clicks is told back:

    from septet.services.links.events import LinkClicked    # not offered to webhooks
    @on(LinkClicked)
    LinkClicked(tenant_id: UUID, link_id: UUID, source: str, url: str, click_id: UUID, at: datetime (UTC),
                classification: "human" | "bot" | "preview" | "duplicate", user_agent: str)

A click may be told twice after a crash, with the same `click_id`. Quotas: the plan's `links` (kernel.entitlements)
limits the links that people make; `POST /links` beyond it is refused with 402 `quota_exceeded`.
"""
