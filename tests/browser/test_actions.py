"""Numbers are verified and registered from the desk, in a real browser, against the practice server."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest
import segno
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.desk import Desk
from tests.browser.shown import text_of
from tests.signed_in import Person

TO_REGISTER = {
    "status": "PENDING",
    "platform_type": "NOT_APPLICABLE",
    "code_verification_status": "VERIFIED",
    "name_status": "APPROVED",
    "is_on_biz_app": False,
    "is_pin_enabled": False,
}


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    return sign_in("lead")


@pytest.fixture
def number(portal: Desk) -> str:
    """The Graph id of a number that is ready to be registered and that no other test uses."""
    return fresh_number(portal, **TO_REGISTER)


def fresh_number(portal: Desk, **values: object) -> str:
    """Put a new number on a readable WABA at Meta."""
    wabas = [waba for waba in portal.practice("GET", "wabas")["wabas"] if waba["relation"] == "client"]
    readable = next(waba for waba in wabas if not waba["trouble"] and len(waba["phone_number_ids"]) < 10)
    added: dict[str, Any] = portal.practice("POST", f"wabas/{readable['id']}/numbers", {"set": values})
    return str(added["id"])


def open_number(page: Page, portal: Desk, lead: Person, number: str) -> None:
    """Read the number's WABA, then open the number."""
    waba = next(waba for waba in portal.practice("GET", "wabas")["wabas"] if number in waba["phone_number_ids"])
    run = lead.post("/syncs/start/", scope="waba", id=waba["id"])
    while 'hx-trigger="every' in lead.get(run):
        time.sleep(0.1)  # the worker reads it; pytest-timeout ends what lasts
    page.goto(f"/phones/{number}/")
    expect(page.locator("section.do")).to_be_visible()


def posts(portal: Desk, number: str, edge: str) -> int:
    """How often the practice server was asked to do this to the number."""
    log = portal.practice("GET", "log")["requests"]
    return sum(call["method"] == "POST" and call["path"].endswith(f"/{number}/{edge}") for call in log)


def test_a_number_added_in_whatsapp_manager_is_verified_and_registered(page: Page, portal: Desk, lead: Person) -> None:
    number = fresh_number(portal)
    open_number(page, portal, lead, number)
    expect(page.locator("section.do")).to_contain_text("Added by hand")
    page.locator("section.do").get_by_role("link", name="Request code…").first.click()
    page.get_by_label("Call").check()
    page.get_by_role("button", name="Request code").click()
    expect(page.locator("section.do")).to_contain_text("A code was sent")

    code = str(portal.practice("GET", f"numbers/{number}")["code"])
    page.locator("section.do").get_by_role("link", name="Confirm code…").first.click()
    page.get_by_label("Code", exact=True).fill(f"{code[:3]}-{code[3:]}")
    page.get_by_role("button", name="Confirm code").click()
    expect(page.locator("section.do")).to_contain_text(re.compile("Register it|certificate|name", re.IGNORECASE))

    portal.practice("PATCH", f"numbers/{number}", {"set": {"name_status": "APPROVED"}})
    page.get_by_role("button", name="Refresh").first.click()
    page.locator("section.do").get_by_role("link", name="Register…").first.click()
    page.get_by_role("button", name="Register").click()
    expect(page.locator("section.do")).to_contain_text("Nothing to do")
    expect(page.locator("h1 + .tone")).to_contain_text("Connected")


def test_a_number_in_its_window_is_registered_with_two_clicks(
    page: Page, portal: Desk, lead: Person, number: str
) -> None:
    open_number(page, portal, lead, number)
    page.locator("section.do").get_by_role("link", name="Register…").click()
    page.get_by_role("button", name="Register").click()
    expect(page.locator("section.do")).to_contain_text("Nothing to do")
    assert posts(portal, number, "register") == 1
    pin = portal.practice("GET", f"numbers/{number}")["pin"]
    assert re.fullmatch(r"\d{6}", pin)
    assert pin not in text_of(page)


def test_a_wrong_pin_leaves_the_truth_and_one_post(page: Page, portal: Desk, lead: Person, number: str) -> None:
    portal.practice("PATCH", f"numbers/{number}", {"pin": "271828"})
    open_number(page, portal, lead, number)
    expect(page.locator("section.do")).to_contain_text("Set a new PIN, then register…")
    page.goto(f"/phones/{number}/confirm/register/")
    page.get_by_label("Type the PIN").check()
    page.get_by_label("Six digits").fill("314159")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("The PIN is not the number’s").first).to_be_visible()
    expect(page.locator("section.do")).not_to_contain_text("Nothing to do")
    assert posts(portal, number, "register") == 1
    assert "314159" not in text_of(page)


def test_an_exhausted_limit_leaves_the_truth_and_sends_nothing_more(
    page: Page, portal: Desk, lead: Person, number: str
) -> None:
    portal.practice("PATCH", f"numbers/{number}", {"calls": {"register": 10}})
    open_number(page, portal, lead, number)
    page.locator("section.do").get_by_role("link", name="Register…").click()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Meta’s limit of registrations is reached").first).to_be_visible()
    assert posts(portal, number, "register") == 1
    page.goto(f"/phones/{number}/confirm/register/")
    expect(page.get_by_text("Meta has blocked this").first).to_be_visible()
    expect(page.get_by_role("button", name="Register")).to_have_count(0)


def test_a_lost_reply_is_settled_by_reading_and_never_sent_again(
    page: Page, portal: Desk, lead: Person, number: str
) -> None:
    open_number(page, portal, lead, number)
    fault = {"match": {"path_contains": f"/{number}/register"}, "times": 1, "answer": {"lose_reply": True}}
    portal.practice("POST", "faults", fault)
    page.locator("section.do").get_by_role("link", name="Register…").click()
    page.get_by_role("button", name="Register").click()
    expect(page.locator("section.do")).to_contain_text("Nothing to do")
    assert posts(portal, number, "register") == 1


def test_the_back_button_leads_to_the_page_before_the_used_form(
    page: Page, portal: Desk, lead: Person, number: str
) -> None:
    open_number(page, portal, lead, number)
    of_number = page.url
    page.locator("section.do").get_by_role("link", name="Register…").click()
    form = page.get_by_role("button", name="Register")
    expect(form).to_be_visible()
    page.go_back()
    page.go_forward()
    expect(form).to_be_visible()
    form.click()
    expect(page.locator("section.do")).to_contain_text("Nothing to do")

    page.go_back()
    expect(page).to_have_url(of_number)
    expect(page.locator("section.do")).to_contain_text("Nothing to do")
    page.go_back()
    expect(page).to_have_url(of_number)
    expect(form).to_have_count(0)
    assert posts(portal, number, "register") == 1


def test_a_double_click_is_one_post(page: Page, portal: Desk, lead: Person, number: str) -> None:
    open_number(page, portal, lead, number)
    page.locator("section.do").get_by_role("link", name="Register…").click()
    page.get_by_role("button", name="Register").dblclick()
    expect(page.locator("section.do")).to_contain_text("Nothing to do")
    page.go_back()
    assert posts(portal, number, "register") == 1


def test_a_picture_is_seen_before_it_is_sent_and_set_with_the_rest(page: Page, portal: Desk, lead: Person) -> None:
    number = fresh_number(portal, **{**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})
    open_number(page, portal, lead, number)
    page.get_by_role("button", name="Read the profile now").click()
    page.get_by_role("link", name="Edit the profile").click()
    drawn = io.BytesIO()
    segno.make("A picture like any other").save(drawn, kind="png", scale=10)

    page.get_by_label("New picture").set_input_files(
        {"name": "p.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    expect(page.locator(".preview .face img")).to_be_visible()
    page.get_by_label("About").fill("Fresh bread")
    page.get_by_role("button", name="Change it at Meta").click()

    expect(page.locator("body")).to_contain_text("Edit business profile (about, picture)")
    assert posts(portal, number, "whatsapp_business_profile") == 1
