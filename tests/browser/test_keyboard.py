"""The desk by keyboard: the way to the most urgent number, and the focus after a part of a page changed."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import SignIn
from tests.browser.desk import PASSWORD, Desk
from tests.browser.keys import enter, focus_by_tab


def test_the_most_urgent_number_is_worked_by_keyboard_from_login_to_sending(portal: Desk, browser: Browser) -> None:
    with browser.new_context(base_url=portal.address) as context:
        page = context.new_page()
        page.goto("/login/")
        page.keyboard.type("lead")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        enter(page)
        expect(page.get_by_role("heading", name="Next up")).to_be_visible()
        page.keyboard.press("j")
        number = page.evaluate("document.activeElement.innerText")
        page.keyboard.press("Tab")
        enter(page)
        expect(page).to_have_url(re.compile(r"/confirm/(register|request-code)/"))
        button = page.locator("form .button.primary").inner_text()
        focus_by_tab(page, button)
        enter(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(number)
        expect(page.locator(".messages, section.do").first).to_be_visible()


def test_a_question_mark_fetches_and_opens_what_the_keys_do_and_escape_closes_it(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/phones/")
    help_dialog = page.get_by_role("dialog", name="Keyboard")
    for _ in range(2):
        page.keyboard.press("?")
        expect(help_dialog).to_contain_text("Next row, previous row")
        expect(page.locator(":focus")).to_have_text("Close")
        page.keyboard.press("Escape")
        expect(help_dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(help_dialog).to_be_visible()


def test_the_focus_stays_where_it_was_when_a_part_of_the_page_is_replaced(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/phones/?per_page=25")
    focused = page.locator(":focus")
    page.get_by_role("link", name="Next", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("page=W"))
    expect(focused).to_have_text("Next")
    page.locator("thead").get_by_role("link", name="Quality").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort]")).to_contain_text("Quality")
    expect(focused).to_contain_text("Quality")
