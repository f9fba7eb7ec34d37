"""The pages around a signup, the client's and the desk's, narrow and wide, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.looks import WINDOWS, faults_of, follow
from tests.browser.signing_up import A_NUMBER, AT_LAST, NewClient


@pytest.mark.parametrize(("scheme", "width"), WINDOWS)
def test_no_page_overflows_or_has_an_accessibility_violation(
    new_client: NewClient, sign_in: SignIn, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    signup = new_client(bypass_csp=True, color_scheme=scheme)
    page = signup.client.page
    page.set_viewport_size(size)  # type: ignore[arg-type] # width and height
    expect(page.locator("#launch")).to_have_attribute("aria-disabled", "false")
    link = page.url
    found = faults_of(page, scheme)
    page.goto(f"{link}?language=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    found |= faults_of(page, scheme)
    page.goto(f"{link}?language=en")
    signup.client.go_through("error", error_form="error")
    expect(signup.client.outcome("error")).to_be_visible()
    found |= faults_of(page, scheme)
    signup.client.go_through(business="new", business_name=signup.name, number="unverified")
    page.get_by_role("link", name="Open your code page").wait_for(timeout=AT_LAST)
    found |= faults_of(page, scheme)
    follow(page, page.get_by_role("link", name="Open your code page"))
    found |= faults_of(page, scheme)
    follow(page, page.get_by_role("button", name="Send the code"))
    found |= faults_of(page, scheme)
    page.goto(link.replace("/signup/", "/signup/status/"))
    found |= faults_of(page, scheme)

    desk = sign_in("lead", viewport=size, color_scheme=scheme, bypass_csp=True)
    desk.goto(signup.desk_page)
    desk.get_by_text("New status link").click()
    follow(desk, desk.locator("form[action$='status-links/']").get_by_role("button"))
    found |= faults_of(desk, scheme)
    status = desk.locator(".send input[value*='/status/']").first.input_value()
    page.goto(status)
    expect(page.get_by_role("link", name="Open your code page")).to_be_visible()
    found |= faults_of(page, scheme)
    number = desk.locator(A_NUMBER).first
    for path in (
        "/signup/",
        str(desk.locator("#signup a[href*='/attempts/']").first.get_attribute("href")),
        str(desk.locator("#signup a[href*='/onboarding/']").first.get_attribute("href")),
        str(number.get_attribute("href")),
    ):
        desk.goto(path)
        found |= faults_of(desk, scheme)
    assert found == {}
