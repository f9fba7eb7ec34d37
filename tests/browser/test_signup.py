"""A client signs up in a real browser, in the practice server's dialog, and nobody on the desk does anything."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.desk import Desk
from tests.browser.shown import text_of
from tests.browser.signing_up import (
    AT_LAST,
    SIGNUP_PAGE,
    NewClient,
    link_for,
    number_of,
    story,
    waba_of,
    words_of,
)
from tests.signed_in import Person

# --- It works by itself -----------------------------------------------------------------------------------------------


def test_a_new_client_signs_up_and_their_number_stands_registered_on_the_desk(
    new_client: NewClient, lead: Person, portal: Desk
) -> None:
    signup = new_client()
    client = signup.client
    client.go_through(business="new", business_name=signup.name)

    client.page.wait_for_url("**/progress/**")
    expect(client.page.locator(".turn")).to_contain_text("Live", timeout=AT_LAST)
    expect(client.page.locator(".way li").filter(has_text="Done")).to_have_count(6)
    expect(client.page.locator("[hx-get]")).to_have_count(0)

    desk_page = lead.get(signup.desk_page)
    assert "Connected" in desk_page.partition('aria-labelledby="numbers"')[2].partition("</section>")[0]
    told = story(lead, signup, "Onboarding finished")
    assert "the browser says" in words_of(told)

    # Neither the code nor the token that it became is in an address, on a page, or in a log.
    (code,) = client.codes
    seen = [*client.addresses, text_of(client.page), desk_page, told, portal.log.read_text()]
    assert len(code) > 20
    assert not [text for text in seen if code in text or "EAA" in text]
    token = SIGNUP_PAGE.search(client.addresses[0])
    assert token is not None
    assert token[0].split("/")[2] not in portal.log.read_text()


def test_an_unverified_number_is_confirmed_on_the_code_page_and_then_registered(
    new_client: NewClient, lead: Person, portal: Desk
) -> None:
    signup = new_client()
    page = signup.client.page
    signup.client.go_through(business="new", business_name=signup.name, number="unverified")
    page.wait_for_url("**/progress/**")
    page.get_by_role("link", name="Open your code page").click(timeout=AT_LAST)

    page.get_by_label("By a phone call").check()
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_text("The code is on its way")).to_be_visible()
    number = number_of(lead, signup)
    code = str(portal.practice("GET", f"numbers/{number}")["code"])
    page.get_by_label("Your code").fill(f"{code[:3]}-{code[3:]}")
    page.get_by_role("button", name="Confirm the code").click()

    expect(page.locator(".turn")).to_contain_text("Live")
    # One number in 23 is shown by Graph as bare digits, others with brackets or dots.
    assert re.search(r" [+\d() .-]{8,} Connected ", words_of(lead.get(f"/phones/{number}/")))
    assert not [address for address in signup.client.addresses if code in address]


def test_an_existing_client_adds_a_number_to_the_same_account(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    signup.client.go_through(business="new", business_name=signup.name)
    signup.client.page.wait_for_url("**/progress/**")
    expect(signup.client.page.locator(".turn")).to_contain_text("Live", timeout=AT_LAST)
    waba = waba_of(lead, signup.desk_page)

    signup.client.page.goto(link_for(lead, signup.desk_page))
    expect(signup.client.page.locator("h1")).to_contain_text("another")
    expect(signup.client.page.get_by_text("Two ways to add a number")).to_be_visible()
    signup.client.go_through(waba=waba)
    signup.client.page.wait_for_url("**/progress/**")
    expect(signup.client.page.locator(".turn").first).to_contain_text("Live", timeout=AT_LAST)
    assert "1 WABA, 2 numbers" in words_of(lead.get(signup.desk_page))


def test_without_the_message_event_the_callback_alone_finishes(new_client: NewClient) -> None:
    signup = new_client()
    signup.client.go_through("lost_message", business="new", business_name=signup.name)
    signup.client.page.wait_for_url("**/progress/**")
    expect(signup.client.page.locator(".turn")).to_contain_text("Live", timeout=AT_LAST)


def test_a_number_of_the_business_app_is_connected_and_not_registered(new_client: NewClient) -> None:
    signup = new_client()
    signup.client.go_through("coexistence", business="new", business_name=signup.name)
    signup.client.page.wait_for_url("**/progress/**")
    expect(signup.client.page.locator(".turn")).to_contain_text("WhatsApp Business app", timeout=AT_LAST)


def test_a_client_takes_a_number_of_our_pool_without_a_code(new_client: NewClient, lead: Person) -> None:
    signup = new_client(from_pool=True)
    expect(signup.client.page.get_by_text("we have a number for you")).to_be_visible()
    number = signup.client.page.locator(".needs .number").inner_text()
    signup.client.go_through(business="new", business_name=signup.name)
    signup.client.page.wait_for_url("**/progress/**")
    expect(signup.client.page.locator(".turn")).to_contain_text("Live", timeout=AT_LAST)
    numbers = lead.get(signup.desk_page).partition('aria-labelledby="numbers"')[2].partition("</section>")[0]
    assert re.sub(r"\D", "", number) in re.sub(r"\D", "", words_of(f"<main>{numbers}"))


# --- It ends early ----------------------------------------------------------------------------------------------------


def test_who_leaves_the_dialog_is_told_what_to_do_and_can_go_on(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    client = signup.client
    client.go_through("cancel", current_step="PHONE_NUMBER_VERIFICATION")
    expect(client.outcome("cancelled")).to_contain_text("You left Meta’s window")
    expect(client.outcome("cancelled")).to_contain_text("a call in place of an SMS")
    assert "PHONE_NUMBER_VERIFICATION" in words_of(story(lead, signup, f"Signup of {signup.name} Left Meta’s dialog"))

    client.go_through(business="new", business_name=signup.name)
    client.page.wait_for_url("**/progress/**")


def test_an_error_in_the_dialog_is_shown_and_kept_with_metas_session_id(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    signup.client.go_through("error", error_form="error")
    expect(signup.client.outcome("error")).to_contain_text("It said:")
    assert "Meta’s session id" in words_of(story(lead, signup, f"Signup of {signup.name} Error in Meta’s dialog"))


def test_a_window_that_is_just_closed_can_be_opened_again(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    signup.client.go_through("closed")
    expect(signup.client.outcome("cancelled")).to_be_visible()
    expect(signup.client.page.get_by_role("button", name="Try again")).to_be_visible()
    story(lead, signup, f"Signup of {signup.name} Left Meta’s dialog")


def test_a_signup_without_a_number_says_how_to_add_one(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    page = signup.client.page
    signup.client.go_through("only_waba", business="new", business_name=signup.name)
    page.wait_for_url("**/progress/**")
    expect(page.locator(".turn")).to_contain_text("No number was added", timeout=AT_LAST)
    story(lead, signup, f"Signup of {signup.name} Finished without a number")
    page.get_by_role("link", name="Add a number").click()
    expect(page).to_have_url(SIGNUP_PAGE)


def test_a_callback_that_never_comes_loses_nothing(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    signup.client.page.clock.install()
    signup.client.go_through("lost_callback", business="new", business_name=signup.name)
    expect(signup.client.outcome("waiting")).to_be_visible()
    signup.client.page.clock.fast_forward(8_000)
    expect(signup.client.outcome("lost")).to_contain_text("nothing is lost")
    expect(signup.client.page.locator("#launch")).to_be_hidden()
    assert "FINISH" in words_of(story(lead, signup, "The dialog said that it was done"))


def test_an_account_of_another_client_is_not_accepted_and_left_to_staff(
    new_client: NewClient, lead: Person, portal: Desk
) -> None:
    signup = new_client()
    foreign = re.search(
        r'<a class="row"[^>]* href="(/clients/\d+/)"[^>]*>(.*?)</a>', lead.get("/clients/?owner=manager")
    )
    assert foreign is not None
    waba, theirs = waba_of(lead, foreign[1]), words_of(f"<main>{foreign[2]}")
    business = next(one for one in portal.practice("GET", "wabas")["wabas"] if one["id"] == waba)["owner_business_id"]

    page = signup.client.page
    signup.client.go_through(business=business, waba=waba)
    page.wait_for_url("**/progress/**")
    expect(page.locator(".turn")).to_contain_text("We could not accept this signup", timeout=AT_LAST)
    assert theirs not in text_of(page)
    assert "belongs to another client" in words_of(story(lead, signup, f"Signup of {signup.name} Not accepted"))
    assert "Signups to look at" in words_of(lead.get("/"))
    assert theirs in words_of(lead.get(f"/wabas/{waba}/"))


# --- It can't begin ---------------------------------------------------------------------------------------------------


def test_a_blocked_popup_is_noticed_and_can_be_allowed(new_client: NewClient, lead: Person) -> None:
    signup = new_client()
    page = signup.client.page
    expect(page.locator("#launch")).to_have_attribute("aria-disabled", "false")
    page.evaluate("() => { window.kept = window.open; window.open = () => null }")
    page.locator("#launch").click()
    expect(signup.client.outcome("popup")).to_contain_text("Allow pop-ups")
    page.evaluate("() => { window.open = window.kept }")
    signup.client.go_through(business="new", business_name=signup.name)
    page.wait_for_url("**/progress/**")


def test_a_blocked_popup_is_not_taken_for_a_dialog_that_was_left(new_client: NewClient) -> None:
    signup = new_client()
    page = signup.client.page
    expect(page.locator("#launch")).to_have_attribute("aria-disabled", "false")
    page.clock.install()
    page.evaluate(
        "() => { window.open = () => null;"
        " window.FB.login = (back) => { window.open('about:blank'); back({ authResponse: null }) } }"
    )
    page.locator("#launch").click()
    expect(signup.client.outcome("popup")).to_be_visible()
    page.clock.fast_forward(3000)
    expect(signup.client.outcome("popup")).to_be_visible()


def test_a_blocked_sdk_is_said_in_a_sentence(new_client: NewClient) -> None:
    signup = new_client()
    page = signup.client.page
    page.route("**/sdk.js", lambda route: route.abort())
    page.reload()
    expect(signup.client.outcome("blocked")).to_contain_text("ad blocker")
    expect(page.locator("#launch")).to_have_attribute("aria-disabled", "true")


def test_without_javascript_the_page_says_what_to_do(new_client: NewClient) -> None:
    signup = new_client(java_script_enabled=False)
    # Chromium draws <noscript> only where scripts are off for good, so its words are looked for in the page itself.
    assert "JavaScript is off in this browser." in text_of(signup.client.page)
    expect(signup.client.page.locator("#launch")).to_be_hidden()
    expect(signup.client.outcome("loading")).to_have_count(0)


def test_a_message_event_of_another_origin_is_not_even_reported(new_client: NewClient) -> None:
    signup = new_client()
    page = signup.client.page
    dialog = signup.client.launch()
    message = {"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": {"waba_id": "1"}}
    page.evaluate("message => postMessage(JSON.stringify(message), '*')", message)
    expect(signup.client.outcome("open")).to_be_visible()
    dialog.close()
    expect(signup.client.outcome("cancelled")).to_be_visible()
    assert sum(address.endswith("/event/") for address in signup.client.addresses) == 2  # opened, and left


def test_a_revoked_link_is_friendly(new_client: NewClient, sign_in: SignIn) -> None:
    signup = new_client()
    desk_page = sign_in("lead")
    desk_page.goto(signup.desk_page)
    desk_page.get_by_role("button", name="Revoke the signup link").first.click()
    expect(desk_page.get_by_role("button", name="Revoke the signup link")).to_have_count(0)
    answer = signup.client.page.reload()
    assert answer is not None
    assert answer.status == 410
    expect(signup.client.page.get_by_role("heading", name="This link is closed")).to_be_visible()
