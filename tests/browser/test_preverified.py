"""The pool of pre-verified numbers in a real browser, against the practice server: from added to offered in a link."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.desk import Desk
from tests.browser.looks import follow
from tests.browser.shown import text_of

TYPED, SHOWN, DIGITS = "+44 7700 900 877", "+44 7700 900877", "447700900877"


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    return sign_in("lead")


def calls(portal: Desk, edge: str) -> int:
    """How often the practice server was asked to do this."""
    log = portal.practice("GET", "log")["requests"]
    return sum(call["method"] == "POST" and call["path"].endswith(f"/{edge}") for call in log)


def test_a_number_is_added_verified_and_offered_in_a_link(page: Page, portal: Desk) -> None:
    page.goto("/")
    page.get_by_role("link", name="Pool").click()
    follow(page, page.get_by_role("button", name="Refresh"))
    expect(page.get_by_text("Read from Meta just now")).to_be_visible()
    deadlines = page.locator(".pool time.due").evaluate_all("every => every.map(each => each.dateTime)")
    assert deadlines == sorted(deadlines)
    page.get_by_role("link", name=re.compile("Expired")).click()
    expect(page.locator(".pool tbody tr").first).to_contain_text("Its verification has lapsed")

    page.goto("/preverified/")
    page.get_by_role("link", name="Add a number…").click()
    page.get_by_label("Phone number").fill(TYPED)
    page.get_by_role("button", name="Add number").dblclick()
    expect(page.locator("h1")).to_have_text(SHOWN)
    assert calls(portal, "add_phone_numbers") == 1

    page.locator("section.do").get_by_role("link", name="Request code…").first.click()
    page.get_by_label("Call").check()
    page.get_by_role("button", name="Request code").click()
    expect(page.locator("section.do")).to_contain_text("A code was sent")
    preverified_id = page.url.rstrip("/").rpartition("/")[2]
    code = str(portal.practice("GET", f"preverified/{preverified_id}")["code"])
    page.locator("section.do").get_by_role("link", name="Confirm code…").first.click()
    page.get_by_label("Code", exact=True).fill(f"{code[:3]}-{code[3:]}")
    page.get_by_role("button", name="Confirm code").click()
    expect(page.locator("section.do")).to_contain_text("Can be offered in a signup link")
    assert code not in text_of(page)

    page.goto("/clients/")
    follow(page, page.locator("[data-rows] a.row").first)
    client = page.locator("h1").inner_text()
    summary = page.get_by_text("New signup link")
    if not page.get_by_label("Pre-verified number").is_visible():
        summary.click()
    option = page.get_by_label("Pre-verified number").locator("option", has_text=SHOWN)
    page.get_by_label("Pre-verified number").select_option(option.get_attribute("value"))
    page.locator("form[action$='/signup-links/']").get_by_role("button", name="Make the link").click()
    address = page.locator("input[value*='/signup/']").first.input_value()

    page.goto("/preverified/?standing=reserved")
    expect(page.locator(".pool tbody tr", has_text=SHOWN)).to_contain_text(client)
    page.goto(address)
    form = page.locator("form#signup")
    if form.count():
        assert preverified_id in str(form.get_attribute("data-extras"))
    expect(page.get_by_text(re.compile("we have a number for you"))).to_be_visible()
    portal.practice("GET", f"preverified/{preverified_id}")  # still in the pool: nobody has taken it


def test_the_board_fits_a_phone(sign_in: SignIn) -> None:
    page = sign_in("lead", viewport={"width": 360, "height": 740})
    page.goto("/preverified/")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(".pool tbody tr").first).to_be_visible()
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 360
    page.locator(".pool a.row").first.click()
    expect(page.locator("section.do")).to_be_visible()
    assert page.evaluate(width) <= 360
