"""The desk with 5,000 numbers of 1,135 clients, in a real browser: how few clicks and keys the day's work takes."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.big_book import CLIENTS, NUMBERS, READY_EVERY, UNASSIGNED, running_big_book
from tests.browser.desk import PASSWORD
from tests.browser.keys import focus_by_tab
from tests.browser.shown import numbers_on
from tests.browser.windows import Windows
from tests.migrated import migrated

Login = Callable[[str], Page]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state = shutil.copytree(migrated(), tmp_path_factory.mktemp("big-book") / "state")
    with running_big_book(state) as running:
        yield running


@pytest.fixture(scope="module")
def windows(address: str, browser: Browser) -> Iterator[Windows]:
    with contextlib.closing(Windows(address, browser)) as opened:
        yield opened


@pytest.fixture
def login(windows: Windows) -> Iterator[Login]:
    """A function that gives a person's page, as it opens after the login."""

    def logged_in(person: str) -> Page:
        page = windows.of(person)
        page.goto("/")
        expect(page.get_by_role("heading", name="Next up")).to_be_visible()
        return page

    yield logged_in
    assert windows.tidy() == []


class Acts:
    """What a person does on a page, counted: a click, a key press and a typed word are one act each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, what: Locator) -> None:
        self.count += 1
        what.click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            self.page.keyboard.press(key)

    def choose(self, field: Locator, words: str) -> None:
        """Open the list of choices and take one."""
        self.count += 2
        field.select_option(label=words)


def test_from_login_to_the_most_urgent_numbers_form_is_two_clicks(address: str, browser: Browser) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/login/")
        page.get_by_label("Name", exact=False).first.fill("manager")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".next-up .act a").first.click()
        expect(page).to_have_url(re.compile(r"/phones/\d+/confirm/register/"))
        expect(page.get_by_role("heading", name="What will happen")).to_be_visible()


def test_104_unassigned_clients_are_assigned_in_under_fifteen_acts(login: Login) -> None:
    page = login("lead")
    acts = Acts(page)
    acts.press("g", "c")
    acts.choose(page.get_by_role("combobox", name="Account manager"), "Nobody’s")
    expect(page.locator("#count")).to_contain_text(str(UNASSIGNED))
    acts.click(page.get_by_label("Select this page"))
    acts.click(page.get_by_label(f"Select all {UNASSIGNED} matching"))
    acts.click(page.get_by_role("button", name="Assign"))
    acts.choose(page.get_by_role("combobox", name="Account manager"), "colleague")
    acts.click(page.get_by_role("button", name="Show what changes"))
    acts.click(page.get_by_role("button", name=f"Change {UNASSIGNED} clients"))
    expect(page.get_by_role("status").first).to_contain_text(f"{UNASSIGNED} clients changed")
    assert acts.count < 15
    page.goto("/clients/?owner=-")
    expect(page.get_by_role("heading", name="No client fits")).to_be_visible()


def test_a_shared_view_opens_the_same_rows_for_a_colleague_within_their_own_clients(login: Login) -> None:
    lead = login("lead")
    lead.goto("/phones/?stage=ready&sort=display_phone_number&per_page=25")
    lead.get_by_text("Save view").click()
    lead.get_by_label("Name", exact=True).fill("Ready everywhere")
    lead.get_by_label("For everybody").check()
    lead.get_by_role("button", name="Save", exact=True).click()
    expect(lead).to_have_url(re.compile(r"view=ready-everywhere"))
    of_all = numbers_on(lead)
    lead.get_by_role("link", name="Next", exact=True).click()
    expect(lead).to_have_url(re.compile("page="))
    of_all += numbers_on(lead)
    manager = login("manager")
    manager.get_by_role("link", name="Ready everywhere").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("Numbers")
    own = numbers_on(manager)
    assert 0 < len(own) < NUMBERS // READY_EVERY
    # In the lead's order, and no client's but their own.
    assert own == [number for number in of_all if number in set(own)]
    manager.goto("/phones/?owner=me&stage=ready&sort=display_phone_number&per_page=25")
    assert own == numbers_on(manager)


def test_the_whole_main_job_is_done_by_keyboard(login: Login) -> None:
    page = login("manager")
    keys = page.keyboard
    keys.press("g")
    keys.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Numbers")
    page.wait_for_load_state()  # keys are heard from then on
    keys.press("g")
    keys.press("q")
    expect(page.get_by_role("heading", name="Next up")).to_be_visible()
    page.wait_for_load_state()
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    keys.press("Escape")
    # Find a number by what the client dictates, open it, open its form, and confirm.
    page.goto("/phones/?stage=ready&sort=display_phone_number")
    number = page.locator("tr[data-phone-number-id] th a").nth(1).inner_text()
    keys.press("f")
    keys.type(re.sub(r"\D", "", number))
    expect(page.locator("tr[data-phone-number-id] th a")).to_have_text([number])
    found_at = page.url
    keys.press("Escape")
    keys.press("j")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    focus_by_tab(page, "Register")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    focus_by_tab(page, page.locator("form .button.primary").inner_text())
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/phones/\d+/\?from="))
    expect(page.locator("section.do")).to_be_visible()
    # And back, by the way that the page offers.
    focus_by_tab(page, "Back to")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Numbers")
    assert page.url == found_at


def test_rows_are_selected_by_x_and_shift_click_then_all_that_match(login: Login) -> None:
    page = login("lead")
    for address, many in (("/phones/?stage=ready", f"{NUMBERS // READY_EVERY}"), ("/clients/", f"{CLIENTS:,}")):
        page.goto(address)
        picked = page.locator("[data-picked-count]")
        for key in ("j", "j", "k", "x"):
            page.keyboard.press(key)
        expect(picked).to_have_text("1 selected")
        expect(page.locator("#results tbody tr").first.locator("[name=ids]")).to_be_checked()
        page.locator("#results tbody tr").nth(3).locator("[name=ids]").click(modifiers=["Shift"])
        expect(picked).to_have_text("4 selected")
        page.get_by_label(f"Select all {many} matching").check()
        expect(picked).to_contain_text("All")
        page.get_by_role("button", name="Clear").click()
        expect(picked).to_be_hidden()
        page.get_by_label("Select this page").check()
        expect(picked).to_have_text("50 selected")
