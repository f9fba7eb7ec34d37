"""The pages around a signup, the client's and the desk's, narrow and wide, light and dark."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.signing_up import A_NUMBER, AT_LAST, NewClient


# Colours depend on the scheme and lines on the width: two runs see both of each.
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1440)])
def test_no_page_overflows_or_has_an_accessibility_violation(
    new_client: NewClient, sign_in: SignIn, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    signup = new_client(bypass_csp=True, color_scheme=scheme)
    page = signup.client.page
    page.set_viewport_size(size)  # type: ignore[arg-type] # width and height
    expect(page.locator("#launch")).to_have_attribute("aria-disabled", "false")
    link = page.url
    found = _faults(page, width)
    signup.client.go_through("error", error_form="error")
    expect(signup.client.outcome("error")).to_be_visible()
    found |= _faults(page, width)
    signup.client.go_through(business="new", business_name=signup.name, number="unverified")
    page.get_by_role("link", name="Open your code page").wait_for(timeout=AT_LAST)
    found |= _faults(page, width)
    page.get_by_role("link", name="Open your code page").click()
    found |= _faults(page, width)
    page.get_by_role("button", name="Send the code").click()
    found |= _faults(page, width)
    page.goto(link.replace("/signup/", "/signup/status/"))
    found |= _faults(page, width)

    desk = sign_in("lead", viewport=size, color_scheme=scheme, bypass_csp=True)
    desk.goto(signup.desk_page)
    desk.get_by_text("New status link").click()
    desk.locator("form[action$='status-links/']").get_by_role("button").click()
    found |= _faults(desk, width)
    status = desk.locator(".send input[value*='/status/']").first.input_value()
    page.goto(status)
    expect(page.get_by_role("link", name="Open your code page")).to_be_visible()
    found |= _faults(page, width)
    number = desk.locator(A_NUMBER).first
    for path in (
        "/signup/",
        str(desk.locator("#signup a[href*='/attempts/']").first.get_attribute("href")),
        str(desk.locator("#signup a[href*='/onboarding/']").first.get_attribute("href")),
        str(number.get_attribute("href")),
    ):
        desk.goto(path)
        found |= _faults(desk, width)
    assert found == {}


def _faults(page: Page, width: int) -> dict[str, str]:
    """What axe finds, and whether the page is broader than the window."""
    path = re.sub(r"[\w-]{43}", "…", page.url)
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = {f"{path} overflows": str(wide)} if wide > width else {}
    violations = Axe().run(page).response["violations"]
    return found | {f"{path} {one['id']}": one["help"] for one in violations if one["impact"] != "minor"}
