"""The desk in a real browser, on practice data, as `make run` starts it."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.keys import enter
from tests.browser.looks import AS_LOOKED_AT, faults_of
from tests.browser.shown import numbers_on


def test_a_manager_finds_the_number_a_client_dictates(sign_in: SignIn) -> None:
    page = sign_in("manager")
    page.goto("/phones/")
    number = page.locator("tr[data-phone-number-id] a").first.inner_text()
    digits = re.sub(r"\D", "", number)
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Number, name")
    expect(field).to_be_focused()
    page.keyboard.type(f"00{digits}")
    expect(page.locator("#find-said")).to_have_text("1 found")
    expect(page.locator("#found [aria-selected=true]")).to_contain_text(number)
    expect(field).to_have_attribute("aria-activedescendant", "found-1")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    page.keyboard.press("Control+k")
    expect(page.locator("#found [role=option]").first).to_contain_text(number)
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.goto("/phones/")
    page.keyboard.press("f")
    page.keyboard.type(f"00{digits}")
    expect(page).to_have_url(re.compile(r"q=00"))
    expect(page.locator("#count")).to_contain_text("1 number")
    expect(page.locator("tr[data-phone-number-id]")).to_have_count(1)


def test_filters_are_chips_in_the_address_and_go_away_one_by_one(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/phones/?quality_rating=RED&quality_rating=YELLOW&account_mode=LIVE")
    chips = page.locator(".chip")
    expect(chips).to_have_count(3)
    both = len(numbers_on(page))
    chips.filter(has_text="Medium").get_by_role("link").click()
    expect(chips).to_have_count(2)
    expect(page).not_to_have_url(re.compile("YELLOW"))
    assert len(numbers_on(page)) < both
    page.go_back()
    expect(chips).to_have_count(3)
    page.get_by_role("link", name="Clear all").click()
    expect(chips).to_have_count(0)


def test_the_csv_has_exactly_the_filtered_numbers_in_the_lists_order(sign_in: SignIn) -> None:
    page = sign_in("lead")
    for _ in range(3):  # anew when a sync stored a number between the page and its file
        page.goto("/phones/?platform_type=NOT_APPLICABLE&sort=display_phone_number")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
        in_file = [row["phone_number_id"] for row in csv.DictReader(io.StringIO(text))]
        if in_file == numbers_on(page):
            break
    assert in_file == numbers_on(page)


def test_everything_on_the_list_works_without_javascript(sign_in: SignIn) -> None:
    page = sign_in("lead", java_script_enabled=False)
    page.goto("/phones/")
    page.locator("#q").fill("harbor")
    page.locator("#q").press("Enter")
    expect(page).to_have_url(re.compile("q=harbor"))
    assert numbers_on(page)
    page.goto("/phones/?per_page=50")
    first = numbers_on(page)
    page.get_by_role("link", name="Next").click()
    assert numbers_on(page)
    assert not set(numbers_on(page)) & set(first)
    page.get_by_role("link", name="Previous").click()
    assert numbers_on(page) == first


def test_the_list_on_paper_has_its_rows_and_nothing_to_press(sign_in: SignIn) -> None:
    page = sign_in("lead", is_new=True)
    page.goto("/phones/")
    page.emulate_media(media="print")
    expect(page.locator("tr[data-phone-number-id] a").first).to_be_visible()
    assert page.get_by_role("button").or_(page.get_by_role("checkbox")).all() == []


def test_keys_move_through_the_list_and_open_a_number(sign_in: SignIn) -> None:
    page = sign_in("manager")
    page.goto("/phones/")
    second = numbers_on(page)[1]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/phones/{second}/$"))


def test_sync_now_is_followed_to_its_end(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/syncs/")
    page.get_by_role("button", name="Refresh everything").click()
    expect(page).to_have_url(re.compile(r"/syncs/\d+/$"))
    expect(page.locator("#run:not([hx-get])")).to_be_visible()
    expect(page.get_by_text("Our token may not read it").first).to_be_visible()


def test_a_number_is_read_again_from_its_own_node(sign_in: SignIn) -> None:
    page = sign_in("manager")
    page.goto("/phones/?stage=registered")
    page.locator("tr[data-phone-number-id] a").first.click()
    page.get_by_role("button", name="Refresh").first.click()
    expect(page.get_by_text("Read from Meta just now")).to_be_visible()


def test_meta_is_asked_live_for_the_account_mode(sign_in: SignIn) -> None:
    page = sign_in("lead")
    page.goto("/phones/?account_mode=SANDBOX")
    page.locator("tr[data-phone-number-id] a").first.click()
    page.locator("main a[href*='/wabas/']").first.click()
    page.get_by_role("button", name="Sandbox").click()
    expect(page.get_by_text(re.compile("agree|admitted|same", re.IGNORECASE)).first).to_be_visible()


def test_a_viewer_sees_and_cannot_act(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.goto("/phones/")
    page.locator("tr[data-phone-number-id] a").first.click()
    expect(page.get_by_role("button", name="Refresh")).to_be_disabled()


def mention_lead(page: Page) -> None:
    """Write a note that the lead has not seen, so that the navigation counts it."""
    page.goto("/phones/")
    page.locator("tr[data-phone-number-id] a").first.click()
    page.get_by_label("New note").fill("@lead please call them")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#journal li").first).to_contain_text("please call them")


# Pages that are there without anything done first. Those of signups and of the pool have tests of their own.
PAGES = (
    *(
        "/",
        "/phones/",
        "/clients/",
        "/syncs/",
        "/changes/?since=week",
        "/mentions/",
        "/labels/",
        "/handover/",
        "/bulk/",
    ),
    *("/find/?q=har", "/clients/new/", "/wabas/", "/events/", "/events/callback/", "/account/mails/", "/channels/"),
    *("/book/", "/tokens/", "/views/", "/preverified/add/", "/api-tokens/", "/outgoing/", "/api/v1/docs"),
)


def test_no_page_overflows_or_has_an_accessibility_violation(sign_in: SignIn) -> None:
    mention_lead(sign_in("manager"))
    page = sign_in("lead", **AS_LOOKED_AT)
    page.goto("/phones/")
    expect(page.get_by_role("link", name="Mentions")).to_contain_text("new")
    number = page.locator("tr[data-phone-number-id] a").first.get_attribute("href") or ""
    page.goto(number)
    client = page.locator("main a[href^='/clients/']").first.get_attribute("href") or ""
    waba = page.locator("main a[href^='/wabas/']").first.get_attribute("href") or ""
    found: dict[str, str] = {}
    for path in (*PAGES, number, client, waba):
        page.goto(path)
        found |= faults_of(page)
    assert found == {}
