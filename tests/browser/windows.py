"""Windows of people who are signed in. Each signs in once for all tests: typing a password has tests of its own."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.desk import PASSWORD
from tests.signed_in import Person

# As long as other tests beside these may slow a page down.
PATIENCE_MS = 40_000
# What htmx says of a request whose page is left before the answer is there.
_LEFT_BEHIND = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")


class Windows:
    """The windows at one portal, and what went wrong in them since the last `tidy`."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self.problems: list[str] = []
        self._browser = browser
        self._people: dict[str, Person] = {}
        self._usual: dict[str, Page] = {}
        self._new: list[BrowserContext] = []

    def person(self, name: str) -> Person:
        """The same person by requests, without a window."""
        if name not in self._people:
            self._people[name] = Person(self.address, name, PASSWORD)
        return self._people[name]

    def of(self, name: str, *, is_new: bool = False, **options: Any) -> Page:
        """The person's usual window, where the test before left it; with options a new one, for this test alone.

        A window costs as much as three pages in it.
        """
        if is_new or options:
            page = self._opened(name, options)
            self._new.append(page.context)
            return page
        if name not in self._usual:
            self._usual[name] = self._opened(name, {})
        return self._usual[name]

    def _opened(self, name: str, options: dict[str, Any]) -> Page:
        context = self._browser.new_context(base_url=self.address, **options)
        kept = self.person(name).session.cookies
        context.add_cookies([{"name": key, "value": str(value), "url": self.address} for key, value in kept.items()])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._note)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_LEFT_BEHIND):
            self.problems.append(message.text)

    def close(self) -> None:
        """End every connection to the portal, which else waits for them when it stops."""
        for page in self._usual.values():
            page.context.close()
        for person in self._people.values():
            person.session.close()

    def tidy(self) -> list[str]:
        """Close the new windows and have the usual ones forget what scripts kept; what went wrong meanwhile."""
        while self._new:
            self._new.pop().close()
        for page in self._usual.values():
            for other in page.context.pages[1:]:
                other.close()
            if page.url.startswith(self.address):
                page.evaluate("localStorage.clear(), sessionStorage.clear()")
        problems, self.problems = self.problems, []
        return problems
