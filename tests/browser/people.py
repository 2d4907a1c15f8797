"""People with accounts, and the browser pages they look at; whatever goes wrong in a page fails the test."""

import itertools
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response, ViewportSize, expect

PASSWORD = "correct horse battery staple"
PHONE: ViewportSize = {"width": 390, "height": 800}
DESK: ViewportSize = {"width": 1280, "height": 800}
# Far more than anything takes; a machine that others keep busy needs it.
PATIENCE_MS = 15_000
# What Chromium says when Playwright itself looks into the frame of a mail, in which no script may run.
LOOKED_INTO_A_MAIL = "Blocked script execution in 'about:srcdoc'"
# The router has shown the page; `location` alone changes before.
ARRIVED = "path => __TSR_ROUTER__.state.status === 'idle' && __TSR_ROUTER__.state.resolvedLocation?.publicHref === path"
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


def colleague(of: Person, name: str = "Grace Hopper") -> Person:
    """Somebody else in the same organization, who followed the link of an invitation."""
    invited = sign_up(str(of.api.base_url), name)
    of.post("/invitations", {"email": invited.email, "role": "MEMBER"})
    invited.post("/invitations/accept", {"token": until(lambda: invitation_token(of, invited.email))})
    invited.organization_id = invited.api.headers["Septet-Organization"] = of.organization_id
    return invited


def invitation_token(of: Person, email: str) -> str | None:
    """That of the mail, once it is there; the one that verifies the address has a token, too."""
    texts = [of.get(f"/mailbox/{mail['id']}")["text"] for mail in of.get("/mailbox", to=email)["data"]]
    found = [token[1] for text in texts if (token := re.search(r"/invitation\?token=([\w.-]+)", text))]
    return found[0] if found else None


def until(look: Callable[[], Any]) -> Any:
    """What `look` finds as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)
    return found


@dataclass
class Guard:
    """What must not happen in a page: console errors, failed requests, requests to other hosts."""

    base: str
    problems: list[str] = field(default_factory=list)
    forgiven: tuple[str, ...] = ()

    def watch(self, page: Page) -> None:
        page.on("console", self._message)
        page.on("pageerror", self._error)
        page.on("response", self._response)
        page.on("request", self._request)

    def rest(self, page: Page) -> None:
        """Watch no longer."""
        page.remove_listener("console", self._message)
        page.remove_listener("pageerror", self._error)
        page.remove_listener("response", self._response)
        page.remove_listener("request", self._request)

    def _message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text}")

    def _error(self, error: Error) -> None:
        self._note(f"exception: {error}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.url}")

    def _request(self, request: Request) -> None:
        host = httpx.URL(self.base).host
        if request.url.startswith(("http", "ws")) and httpx.URL(request.url).host != host:
            self._note(f"another host: {request.url}")

    def _note(self, problem: str) -> None:
        if not any(forgiven in problem for forgiven in self.forgiven):
            self.problems.append(problem)


class Windows:
    """Browser windows: one that nobody uses any more is used again, emptied, as its page and cache save a second."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.base = base
        self._browser = browser
        self._free: list[Page] = []

    def take(self, person: Person | None, *, fresh: bool) -> Page:
        """A page with no memory but this person's session; a fresh one has an empty cache, too."""
        page = self._free.pop() if self._free and not fresh else self._opened()
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        kept = {}
        if person:
            session = {"name": "septet_session", "value": person.token, "url": self.base, "httpOnly": True}
            page.context.add_cookies([session])
            kept = {"septet.signed-in": "yes", "septet.organization": person.organization_id}
        if not fresh:
            page.goto(f"{self.base}/console/icon.svg")
            page.evaluate(
                "kept => (sessionStorage.clear(), localStorage.clear(), Object.assign(localStorage, kept))", kept
            )
        return page

    def _opened(self) -> Page:
        context = self._browser.new_context(locale="en-US", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def give_back(self, page: Page, *, again: bool) -> None:
        """`again`: whether its page may be used by another, or only the cache."""
        context = page.context
        if not again:
            page.close()
            page = context.new_page()
        for other in context.pages:
            if other is not page:
                other.close()
        page.unroute_all()
        page.goto("about:blank")  # which asks for nothing any more
        context.clear_cookies()
        self._free.append(page)


class Visitor:
    """A browser window of its own on the console; `apart`: with a page that nobody uses after it."""

    def __init__(
        self, windows: Windows, person: Person | None = None, *, fresh: bool = False, apart: bool = False
    ) -> None:
        self._windows = windows
        self._again = not apart
        self.page = windows.take(person, fresh=fresh)
        self.context = self.page.context
        self.guard = Guard(windows.base)
        self.guard.watch(self.page)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self._windows.base}/console{path}")
        expect(self.page.locator("main, [role=main]").first).to_be_visible()
        return self.page

    def follow(self, path: str) -> None:
        """Go where a link of the page that is open would lead, without loading the console anew."""
        self.page.evaluate("path => __TSR_ROUTER__.history.push(path)", f"/console{path}")
        self.page.wait_for_function(ARRIVED, arg=f"/console{path}")

    def settle(self) -> None:
        """Wait until nothing is loading any more."""
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def close(self) -> None:
        self.guard.rest(self.page)
        self._windows.give_back(self.page, again=self._again)
        assert not self.guard.problems, "\n".join(self.guard.problems)


Visit = Callable[..., Visitor]
