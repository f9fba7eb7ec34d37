"""An open page while something changes behind it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.desk import Desk


def test_no_row_moves_until_the_person_has_what_is_newer_shown_and_what_they_do_stays(
    sign_in: SignIn, portal: Desk
) -> None:
    page = sign_in("lead", is_new=True)  # with a clock of its own
    page.clock.install()
    page.goto("/phones/?stage=registered&quality_rating=GREEN&quality_rating=RED&sort=display_phone_number")
    rows = page.locator("tr[data-phone-number-id]")
    # The number that changes stands above the one that the person is at.
    number, mine = rows.nth(0).get_attribute("data-phone-number-id"), rows.nth(2)
    mine.get_by_role("checkbox").check()
    link = mine.get_by_role("link").first
    link.focus()
    place, words = mine.bounding_box(), link.inner_text()

    portal.practice("PATCH", f"numbers/{number}", {"set": {"quality_rating": "RED"}})
    other = page.context.new_page()
    other.goto(f"/phones/{number}/")
    other.get_by_role("button", name="Refresh").first.click()
    expect(other.get_by_text("Read from Meta just now")).to_be_visible()
    news = page.locator(".news[role=status]")
    expect(news).to_have_text("", use_inner_text=True)
    page.clock.run_for(31_000)

    expect(news).to_have_text("1 update Show", use_inner_text=True)
    expect(rows.nth(0)).to_contain_text("High")
    expect(page.locator(":focus")).to_have_text(words)
    assert mine.bounding_box() == place

    news.get_by_role("button", name="Show").click()
    expect(rows.nth(0)).to_contain_text("Low")
    expect(news).to_have_text("", use_inner_text=True)
    expect(page.locator(":focus")).to_have_text(words)
    expect(mine.get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_text("1 selected")).to_be_visible()
    assert mine.bounding_box() == place
