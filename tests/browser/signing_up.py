"""A client of the desk with a signup link and a browser of their own, for the browser tests. No fixtures here."""

from __future__ import annotations

import contextlib
import html
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error, Page, Request, expect

from tests.signed_in import PATIENCE_SECONDS, Person

SIGNUP_PAGE = re.compile(r"/signup/[\w-]{43}/$")
A_NUMBER = "section[aria-labelledby=numbers] a[href^='/phones/']:not([href*='?'])"
# A step that must wait goes on with the next tick, half a minute later.
AT_LAST = 60_000


def end(dialog: Page) -> None:
    """Press the last button of Meta’s dialog, which closes its window: the click may lose its page half-way."""
    with dialog.expect_event("close"), contextlib.suppress(Error):
        dialog.locator("#continue").click()


@dataclass
class Client:
    """A client's own browser, which never signs in, and everything that it sent and was shown."""

    page: Page
    addresses: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _note(self, request: Request) -> None:
        self.addresses.append(request.url)
        if request.url.endswith("/finish/") and "/signup/" in request.url:
            self.codes.append(str((request.post_data_json or {}).get("code")))

    def launch(self) -> Page:
        """Press the button; the dialog."""
        expect(self.page.locator("#launch")).to_have_attribute("aria-disabled", "false")
        with self.page.expect_popup() as opened:
            self.page.locator("#launch").click()
        opened.value.wait_for_load_state()
        return opened.value

    def go_through(self, outcome: str = "finish", **choices: str) -> None:
        """Press the button, choose, and let the dialog end."""
        dialog = self.launch()
        dialog.locator(f"input[name=outcome][value={outcome}]").check()
        for name, value in choices.items():
            one = dialog.locator(f"[name={name}]").first
            if one.get_attribute("type") == "radio":
                dialog.locator(f"[name={name}][value={value}]").check()
            elif one.evaluate("element => element.tagName") == "SELECT":
                one.select_option(value)
            else:
                one.fill(value)
        end(dialog)

    def outcome(self, name: str) -> Any:
        """What the page says; hidden ones are not found."""
        return self.page.locator(f"[data-outcome={name}]:not([hidden])")


@dataclass
class Signup:
    """A client of the desk, the link that was sent to them, and their browser."""

    name: str
    desk_page: str
    client: Client


NewClient = Callable[..., Signup]


def add_client(administrator: Person, name: str) -> str:
    """Add a client to the desk, as an administrator does in the admin; the address of their page."""
    leads_to = administrator.post("/admin/clients/client/add/", name=name, _continue="yes")
    added = re.fullmatch(r"/admin/clients/client/(\d+)/change/", leads_to)
    assert added is not None, leads_to
    return f"/clients/{added[1]}/"


def link_for(lead: Person, client_page: str, display_name: str = "", *, from_pool: bool = False) -> str:
    """Make a signup link by the form on the client's page, which is empty but for these; its address."""
    form = {"display_name": display_name}
    if from_pool:
        offered = re.search(r'<select name="preverified".*?<option value="([^"]+)"', lead.get(client_page))
        assert offered is not None
        form["preverified"] = offered[1]
    page = lead.get(lead.post(f"{client_page}signup-links/", **form))
    made = re.search(r'value="[^"]*?(/signup/[\w-]{43}/)"', page)
    assert made is not None, page
    return made[1]


def make_link(lead: Page, display_name: str = "", *, from_pool: bool = False) -> str:
    """Make a signup link on the client's page that is open; its address."""
    field = lead.locator("#signup-display_name")
    if not field.is_visible():
        lead.get_by_text("New signup link").click()
    field.fill(display_name)
    if from_pool:
        lead.locator("#signup-preverified").select_option(index=1)
    lead.locator("form[action$='signup-links/']").get_by_role("button").click()
    expect(lead.locator(".send input").first).to_be_visible()
    return lead.locator(".send input").first.input_value()


def story(lead: Person, signup: Signup, told: str) -> str:
    """The desk’s page of the client’s latest attempt, once it says this: browsers report in the background."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        attempt = re.search(r'<a class="row"[^>]* href="([^"]*/attempts/[^"]*)"', lead.get(signup.desk_page))
        page = lead.get(attempt[1]) if attempt else "<main>"
        if told in words_of(page):
            return page
        assert time.monotonic() < give_up_at, words_of(page)
        time.sleep(0.1)  # the browser and the desk are other processes; there is no event to wait for


def words_of(page: str) -> str:
    """What a person reads on a page of the desk, without what stands around it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())


def number_of(lead: Person, signup: Signup) -> str:
    """The Graph id of the client's first number."""
    listed = lead.get(signup.desk_page).partition('aria-labelledby="numbers"')[2]
    found = re.search(r'href="/phones/(\d+)/', listed)
    assert found is not None, listed
    return found[1]


def waba_of(lead: Person, client_page: str) -> str:
    """The Graph id of the client's first WABA."""
    found = re.search(r'<a class="row"[^>]* href="/wabas/(\d+)/"', lead.get(client_page))
    assert found is not None
    return found[1]
