"""`make screenshots`: takes the README's pictures anew, on practice data, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from django.conf import settings
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser import desk
from tests.browser.signing_up import AT_LAST, Client, make_link

Scheme = Literal["light", "dark"]

SIZE = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=360, height=740)
FOLDER = Path("docs/screenshots")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
CLIENT = "Lantern Bay Ferries"


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with desk.running_desk() as portal, desk.chromium() as browser:
        lead, manager = (_signed_in(browser, portal.address, name) for name in ("lead", "manager"))
        _take_signup(browser, portal.address, _link_for_a_new_client(lead))
        lead.goto("/preverified/")
        lead.get_by_role("button", name="Refresh").click()
        lead.locator(".pool tbody tr").first.wait_for()
        _let_numbers_get_worse(portal, lead, manager)
        for scheme in SCHEMES:
            _take_desk(_signed_in(browser, portal.address, "lead", scheme), scheme)
            _take(_signed_in(browser, portal.address, "manager", scheme), "/", f"desk-{scheme}")


def _signed_in(browser: Browser, address: str, name: str, scheme: Scheme = "light") -> Page:
    page = browser.new_context(base_url=address, viewport=SIZE, color_scheme=scheme).new_page()
    page.goto("/login/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(desk.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def _let_numbers_get_worse(portal: desk.Desk, lead: Page, manager: Page) -> None:
    """After both have looked at the changes, so that theirs are only these."""
    for person in (lead, manager):
        person.goto("/changes/")
        person.get_by_role("button", name="I have seen all").click()
    manager.goto("/phones/?quality_rating=GREEN&owner=me")
    rows = manager.locator("tr[data-phone-number-id]").all()
    for row, quality in zip(rows[::4], ("RED", "YELLOW", "RED", "YELLOW"), strict=False):
        number = row.get_attribute("data-phone-number-id")
        portal.practice("PATCH", f"numbers/{number}", {"set": {"quality_rating": quality}})
    lead.goto("/syncs/")
    lead.get_by_role("button", name="Refresh everything").click()
    lead.get_by_text("Finished").or_(lead.get_by_text("failed")).first.wait_for()


def _link_for_a_new_client(lead: Page) -> str:
    lead.goto("/clients/new/")
    lead.get_by_label("Name", exact=True).fill(CLIENT)
    lead.get_by_role("button", name="Make client").click()
    return make_link(lead, CLIENT)


def _take_signup(browser: Browser, address: str, link: str) -> None:
    """The client's page; then the client signs up a number that needs a code, so that there is an onboarding to see."""
    page = browser.new_context(base_url=address, viewport=PHONE).new_page()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        _take(page, link, f"signup-{scheme}")
    Client(page).go_through(business="new", business_name=CLIENT, number="unverified")
    page.get_by_role("link", name="Open your code page").wait_for(timeout=AT_LAST)
    page.context.close()


def _take_desk(page: Page, scheme: Scheme) -> None:
    _take(page, "/changes/", f"changes-{scheme}")
    _take(page, _first(page, "/signup/", "a[href*='/onboarding/']"), f"onboarding-{scheme}")
    _take(page, "/preverified/", f"pool-{scheme}")
    number = _first(page, "/phones/?stage=ready&owner=manager&sort=registration_deadline", "tr[data-phone-number-id] a")
    _take(page, number, f"number-{scheme}")
    _take(page, _first(page, number, "a[href^='/clients/']:not([href='/clients/'])"), f"client-{scheme}")
    page.goto("/phones/?stage=ready&stage=needs_code&sort=client")
    page.get_by_label("Select this page").check()
    _take_shown(page, f"list-{scheme}")
    page.get_by_role("button", name="Register", exact=True).click()
    page.wait_for_url("**/bulk/*/")
    _take_shown(page, f"bulk-{scheme}")
    page.context.close()


def _first(page: Page, path: str, link: str) -> str:
    """Where the first such link on a page leads."""
    page.goto(path)
    return page.locator(link).first.get_attribute("href") or ""


def _take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    _take_shown(page, name)


def _take_shown(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    settings.configure(BASE_DIR=Path(__file__).resolve().parent.parent.parent)
    main()
