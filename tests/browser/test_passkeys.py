"""A passkey from the first day to the last, in a real browser with a virtual authenticator."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import PASSWORD, Desk

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_person_signs_in_with_a_passkey_works_and_loses_it(portal: Desk, browser: Browser) -> None:
    # Browsers know no passkeys at addresses of digits.
    address = portal.address.replace("127.0.0.1", "localhost")
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        device = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
        _type_password(page)
        page.goto("/account/passkeys/add/")
        page.get_by_role("button", name="Add passkey").click()
        expect(page.locator(".codes code")).to_have_count(10)
        codes = page.locator(".codes code").all_inner_texts()

        _sign_out(page)
        page.get_by_role("button", name="Passkey").click()
        expect(page.get_by_role("heading", name="Next up")).to_be_visible()
        page.goto("/clients/")
        expect(page.get_by_role("heading", name="Clients")).to_be_visible()

        devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device})
        _sign_out(page)
        page.get_by_role("button", name="Passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("There was no passkey")
        _type_password(page)
        page.get_by_label("recovery code").fill(codes[0])
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Next up")).to_be_visible()
        page.goto("/account/")
        page.get_by_role("link", name="Remove").click()
        page.get_by_role("button", name="Remove").click()
        expect(page).to_have_url(re.compile("/account/$"))
        expect(page.get_by_text("Recovery codes")).to_have_count(0)


def _type_password(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("Name", exact=True).fill("viewer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/**")
