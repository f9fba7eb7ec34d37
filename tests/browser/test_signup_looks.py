"""The pages around a signup, the client's and the desk's, narrow and wide, light and dark."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.looks import AS_LOOKED_AT, faults_of, follow
from tests.browser.signing_up import A_NUMBER, AT_LAST, NewClient


def test_no_page_overflows_or_has_an_accessibility_violation(new_client: NewClient, sign_in: SignIn) -> None:
    signup = new_client(**AS_LOOKED_AT)
    page = signup.client.page
    expect(page.locator("#launch")).to_have_attribute("aria-disabled", "false")
    link = page.url
    found = faults_of(page)
    page.goto(f"{link}?language=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    found |= faults_of(page)
    page.goto(f"{link}?language=en")
    signup.client.go_through("error", error_form="error")
    expect(signup.client.outcome("error")).to_be_visible()
    found |= faults_of(page)
    signup.client.go_through(business="new", business_name=signup.name, number="unverified")
    page.get_by_role("link", name="Open your code page").wait_for(timeout=AT_LAST)
    found |= faults_of(page)
    follow(page, page.get_by_role("link", name="Open your code page"))
    found |= faults_of(page)
    follow(page, page.get_by_role("button", name="Send the code"))
    found |= faults_of(page)
    page.goto(link.replace("/signup/", "/signup/status/"))
    found |= faults_of(page)

    desk = sign_in("lead", **AS_LOOKED_AT)
    desk.goto(signup.desk_page)
    desk.get_by_text("New status link").click()
    follow(desk, desk.locator("form[action$='status-links/']").get_by_role("button"))
    found |= faults_of(desk)
    status = desk.locator(".send input[value*='/status/']").first.input_value()
    page.goto(status)
    expect(page.get_by_role("link", name="Open your code page")).to_be_visible()
    found |= faults_of(page)
    number = desk.locator(A_NUMBER).first
    for path in (
        "/signup/",
        str(desk.locator("#signup a[href*='/attempts/']").first.get_attribute("href")),
        str(desk.locator("#signup a[href*='/onboarding/']").first.get_attribute("href")),
        str(number.get_attribute("href")),
    ):
        desk.goto(path)
        found |= faults_of(desk)
    assert found == {}
