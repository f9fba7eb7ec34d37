"""The conventions of product.md 4.4 that only a browser shows, on practice data.

Keyboard and selection: test_big_book.py and test_keyboard.py. Contrast in both themes: wherever `faults_of` looks. The
others: tests/phones/views/listing/test_conventions.py.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn

LISTS = ["/phones/", "/clients/", "/wabas/", "/signup/", "/preverified/", "/syncs/", "/bulk/", "/events/", "/changes/"]

# What a finger has to meet: controls, not the links within the text of a row.
_TOO_SMALL = """() => [...document.querySelectorAll("main :is(button, select, summary, .button, .tabs a, .pager a), " +
    "main input:not([type=hidden], [type=checkbox], [type=radio]), main label:has(> [type=checkbox])")]
  .filter(one => one.checkVisibility() && !one.closest(".vh, td, tbody th, .panel, dialog"))
  .filter(one => one.getBoundingClientRect().height < 43.5)
  .map(one => `${one.tagName} ${one.innerText || one.name} ${one.getBoundingClientRect().height}`)"""


def test_access__targets_on_a_phone_are_44_px_high_on_every_list(sign_in: SignIn) -> None:
    page = sign_in("lead", viewport={"width": 360, "height": 780})
    small = {}
    for path in LISTS:
        page.goto(path)
        if found := page.evaluate(_TOO_SMALL):
            small[path] = found
    assert small == {}


def test_quick_search__swaps_the_table_alone_keeps_the_focus_and_back_works(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/clients/")
    rows = page.locator("#results tbody tr")
    before, name = rows.count(), rows.last.locator("a.row").inner_text()
    page.evaluate("document.body.dataset.same = 'yes'")
    page.keyboard.press("f")
    page.keyboard.type(name)
    expect(page).to_have_url(re.compile(r"/clients/\?q=[^&]+$"))
    expect(rows).to_have_count(1)
    expect(page.locator("#count")).to_have_text(re.compile(r"^1\s+found$"))
    expect(page.get_by_role("searchbox").first).to_be_focused()
    assert page.evaluate("document.body.dataset.same") == "yes"
    page.go_back()
    expect(rows).to_have_count(before)


def test_column_choice__by_keyboard_is_remembered_for_another_list_too(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/wabas/")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("button", name="Move Account manager up").press("Enter")
    page.get_by_role("checkbox", name="Account review").uncheck()
    page.get_by_role("button", name="Keep", exact=True).click()
    heads = page.locator("#results thead th:not(.pick)")
    expect(heads.nth(1)).to_have_text("Account manager")
    expect(heads.filter(has_text="Account review")).to_have_count(0)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("button", name="Reset").click()
    expect(heads.nth(1)).to_have_text("Client")


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_dark_mode_print_and_density__follow_the_system_and_a_choice_that_lasts(sign_in: SignIn) -> None:
    page = sign_in("lead", color_scheme="dark")
    page.goto("/clients/")
    dark = background(page)
    page.get_by_role("button", name="Light or dark").click()
    light = background(page)
    row = page.locator("#results tbody tr").first
    height = "row => row.getBoundingClientRect().height"
    usual = row.evaluate(height)
    page.get_by_role("button", name="Rows closer together").click()
    page.reload()
    assert dark != light == background(page)
    assert row.evaluate(height) < usual
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.get_by_role("button", name="Search")).to_be_hidden()
    expect(row).to_be_visible()


def test_permissions_visible__a_greyed_button_says_why_when_it_is_pressed(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.goto("/clients/")
    page.get_by_role("button", name="New client").press("Enter")
    expect(page.locator(".messages")).to_contain_text("Viewers look and change nothing")
