"""People with accounts, and the browser pages they look at; whatever goes wrong in a page fails the test."""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

PASSWORD = "correct horse battery staple"
PHONE = {"width": 390, "height": 800}
DESK = {"width": 1280, "height": 800}
# Far more than anything takes; a machine that others keep busy needs it.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)


@dataclass
class Person:
    """Somebody with an account and an organization; `api` speaks HTTP as they do, without a browser."""

    email: str
    name: str
    token: str
    organization_id: str
    api: httpx.Client

    def post(self, path: str, body: object = None) -> Any:
        return self._checked(self.api.post(path, json=body))

    def get(self, path: str, **query: str | int) -> Any:
        return self._checked(self.api.get(path, params=query))

    def _checked(self, response: httpx.Response) -> Any:
        assert response.is_success, f"{response.request.url}: {response.status_code} {response.text}"
        return response.json() if response.content else None


def sign_up(base: str, name: str = "Ada Lovelace") -> Person:
    """A new account with a new organization."""
    email = f"person{next(_numbers)}-{os.getpid()}@example.com"
    api = httpx.Client(base_url=base, timeout=15)
    answer = api.post("/auth/signup", json={"email": email, "password": PASSWORD, "name": name})
    assert answer.status_code == 201, answer.text
    api.headers["Authorization"] = f"Bearer {answer.json()['session']['token']}"
    organization_id = api.post("/organizations", json={"name": "Acme"}).json()["id"]
    api.headers["Septet-Organization"] = organization_id
    return Person(email, name, answer.json()["session"]["token"], organization_id, api)


@dataclass
class Guard:
    """What must not happen in a page: console errors, failed requests, requests to other hosts."""

    base: str
    problems: list[str] = field(default_factory=list)
    forgiven: tuple[str, ...] = ()

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: message.type == "error" and self._note(f"console: {message.text}"))
        page.on("pageerror", lambda error: self._note(f"exception: {error}"))
        page.on("response", lambda response: response.status >= 400 and self._note(f"{response.status} {response.url}"))
        page.on("request", self._request)

    def _request(self, request: Request) -> None:
        host = httpx.URL(self.base).host
        if request.url.startswith(("http", "ws")) and httpx.URL(request.url).host != host:
            self._note(f"another host: {request.url}")

    def _note(self, problem: str) -> None:
        if not any(forgiven in problem for forgiven in self.forgiven):
            self.problems.append(problem)


class Visitor:
    """A browser of its own on the console."""

    def __init__(self, browser: Browser, base: str, person: Person | None = None, **options: Any) -> None:
        self.base = base
        state = {"storage_state": signed_in(base, person)} if person else {}
        self.context: BrowserContext = browser.new_context(**{"viewport": DESK, "locale": "en-US", **state, **options})
        self.context.set_default_timeout(PATIENCE_MS)
        self.guard = Guard(base)
        self.page = self.context.new_page()
        self.guard.watch(self.page)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.base}/console{path}")
        expect(self.page.locator("main, [role=main]").first).to_be_visible()
        return self.page

    def settle(self) -> None:
        """Wait until nothing is loading any more."""
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def close(self) -> None:
        self.context.close()
        assert not self.guard.problems, "\n".join(self.guard.problems)


def signed_in(base: str, person: Person) -> Any:
    """What a browser holds after this person has logged in."""
    cookie = {"name": "septet_session", "value": person.token, "domain": httpx.URL(base).host, "path": "/", "expires": -1}
    cookie |= {"httpOnly": True, "secure": False, "sameSite": "Lax"}
    kept = {"septet.signed-in": "yes", "septet.organization": person.organization_id}
    storage = [{"name": name, "value": value} for name, value in kept.items()]
    return {"cookies": [cookie], "origins": [{"origin": base, "localStorage": storage}]}


Visit = Callable[..., Visitor]
