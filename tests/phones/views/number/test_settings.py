"""The settings of a number through the pages, with a practice Graph server behind them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.utils import timezone

from phones.actions import lost_answers
from phones.choices import ActionState
from phones.models import Action, PhoneNumber
from tests.phones.acting import TO_REGISTER, address, confirm_page, do, number_page, posts, token_for
from tests.phones.reading import text_of, value_of
from tests.practice import Practice

LIVE = {**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"}
OFF = {
    "status": "DISABLED",
    "call_icon_visibility": "DEFAULT",
    "callback_permission_status": "DISABLED",
    "hours_status": "DISABLED",
}


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    return prepare({**LIVE, "whatsapp_business_manager_messaging_limit": "TIER_10K"})


def read(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.post(f"{address(number, 'details')}read/", follow=True))


def test_calls_are_switched_on_within_hours_and_only_what_differs_is_sent(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    assert "Change call settings" in read(browser, number)
    page = text_of(browser.get(confirm_page(number, "calls")))
    assert value_of(page, "Calls at Meta") == "Off"
    hours = {"hours_status": "ENABLED", "timezone_id": "Europe/Madrid", "monday": "9:00-12:00, 13:30-18:00"}

    page = do(browser, number, "calls", **OFF | hours | {"status": "ENABLED", "holidays": "2999-12-24 09:00-12:00"})

    assert "Change call settings: done." in page
    said = "On, within hours (Monday 09:00-12:00, 13:30-18:00; other hours on 1 day; Europe/Madrid)"
    assert value_of(page, "Calls") == said
    action = Action.objects.get()
    assert {*action.details["changes"]} == {"status", "call_hours"}
    assert "Change call settings (calls, call hours)" in page

    form = text_of(browser.get(confirm_page(number, "calls")))
    assert 'value="09:00-12:00, 13:30-18:00"' in form
    assert "2999-12-24 09:00-12:00</textarea>" in form
    page = do(browser, number, "calls", **OFF | {"status": "ENABLED", "call_icon_visibility": "DISABLE_ALL"})
    assert value_of(page, "Calls") == "On, button hidden"
    assert {*Action.objects.latest("pk").details["changes"]} == {"call_icon_visibility", "call_hours"}


def test_what_is_wrong_stands_at_its_field_and_nothing_is_sent(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    on = {**OFF, "status": "ENABLED", "hours_status": "ENABLED"}
    for wrong, said in (
        (OFF, "Nothing differs from what Meta has"),
        ({**on, "monday": "09:00-12:00"}, "Hours need a time zone."),
        ({**on, "timezone_id": "Europe/Madrid"}, "Write at least one time"),
        ({**on, "timezone_id": "Europe/Madrid", "friday": "9 to 5"}, "Times are written like"),
        ({**on, "timezone_id": "Europe/Madrid", "holidays": "2020-12-24 09:00-12:00"}, "is over"),
        ({**on, "timezone_id": "Europe/Harbor"}, "Select a valid choice"),
    ):
        assert said in do(browser, number, "calls", **wrong)
    assert posts(practice, number) == []


def test_why_meta_lets_a_number_take_no_calls_is_said_in_words(
    practice: Practice, browser: Browser, prepare: Callable[..., PhoneNumber]
) -> None:
    number = prepare({**LIVE, "whatsapp_business_manager_messaging_limit": "TIER_250"})
    read(browser, number)

    page = do(browser, number, "calls", **OFF | {"status": "ENABLED"})

    assert "Meta does not let this number take calls" in page
    assert Action.objects.get().error_kind == "calling_not_offered"


def test_a_word_that_the_desk_does_not_know_stays_as_it_is(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    words = {"status": "ENABLED", "call_icon_visibility": "SOMETHING_NEW"}
    practice.change(number.phone_number_id, settings={"calling": words, "user_identity_change": {"enabled": True}})
    assert value_of(read(browser, number), "Identity check") == "On"
    assert '<option value="SOMETHING_NEW" selected' in text_of(browser.get(confirm_page(number, "calls")))

    do(browser, number, "calls", **OFF | {"call_icon_visibility": "SOMETHING_NEW"})

    assert Action.objects.get().details["changes"] == {"status": "DISABLED"}


def test_storage_is_changed_before_registration_and_not_after(
    practice: Practice, browser: Browser, prepare: Callable[..., PhoneNumber]
) -> None:
    number = prepare(TO_REGISTER)
    read(browser, number)
    page = do(browser, number, "storage", data_localization_region="DE")
    assert value_of(page, "Storage") == "In European Union (Germany)"
    assert "Change storage to DE" in page
    page = do(browser, number, "storage", data_localization_region="")
    assert value_of(page, "Storage") == "Where Meta keeps it by default"

    do(browser, number, "register", source="generate")

    page = text_of(browser.get(confirm_page(number, "storage")))
    assert "only while a number is not registered" in page
    assert 'name="confirmation"' not in page
    assert posts(practice, number) == ["settings", "settings", "register"]


def test_nothing_is_changed_before_it_was_read_nor_on_a_picture_that_is_old(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    for kind in ("calls", "storage", "identity-check", "automation"):
        assert 'name="confirmation"' not in text_of(browser.get(confirm_page(number, kind)))
    read(browser, number)
    token = token_for(browser, number, "identity-check")
    practice.change(number.phone_number_id, settings={"user_identity_change": {"enable_identity_key_check": True}})
    read(browser, number)

    form = {"confirmation": token, "enable_identity_key_check": "True"}
    assert "page was out of date" in text_of(browser.post(address(number, "identity-check"), form, follow=True))
    assert posts(practice, number) == []
    assert "Change call settings" in number_page(browser, number)


def test_what_a_chat_offers_is_changed_as_a_whole(practice: Practice, browser: Browser, number: PhoneNumber) -> None:
    read(browser, number)
    asked = {"prompts": "Open today?\r\nWhere are you?", "commands": "/menu: What there is\r\nhours: When we are open"}
    asked["enable_welcome_message"] = "False"

    page = do(browser, number, "automation", **asked)

    assert "Change automation: done." in page
    assert "Change automation (ice breakers, commands)" in page
    assert value_of(page, "Automation") == "Welcome message off, 2 ice breakers, commands menu, hours"
    form = text_of(browser.get(confirm_page(number, "automation")))
    assert "menu: What there is" in form
    for wrong, said in (
        ({**asked, "prompts": "a\nb\nc\nd\ne"}, "at most 4 ice breakers"),
        ({**asked, "commands": "menu"}, "A line for each command"),
        (asked, "Nothing differs from what Meta has"),
    ):
        assert said in do(browser, number, "automation", **wrong)
    assert posts(practice, number) == ["conversational_automation"]
    page = do(browser, number, "automation", prompts="", commands="", enable_welcome_message="True")
    assert value_of(page, "Automation") == "Welcome message on"


def test_an_official_account_is_asked_for_and_its_decision_followed(
    practice: Practice, browser: Browser, prepare: Callable[..., PhoneNumber]
) -> None:
    number = prepare({**LIVE, "is_pin_enabled": True, "official_business_account": {"oba_status": "NOT_STARTED"}})
    read(browser, number)
    asked = {"business_website_url": "harbor.example", "primary_country_of_operation": "Spain"}
    for wrong, said in (
        ({}, "This field is required"),
        ({**asked, "supporting_links": "https://news.example/1"}, "5 links, or none"),
    ):
        assert said in do(browser, number, "official-account", **wrong)

    page = do(browser, number, "official-account", **asked)

    assert "Ask for official account: done." in page
    assert value_of(page, "Official account").startswith("Asked for")
    assert Action.objects.get().details["application"] == {**asked, "business_website_url": "https://harbor.example"}
    assert "reviewing a request already" in text_of(browser.get(confirm_page(number, "official-account")))
    practice.change(number.phone_number_id, official_business_account={"oba_status": "REJECTED"})
    assert value_of(read(browser, number), "Official account").startswith("Declined")
    assert posts(practice, number) == ["official_business_account"]


def test_an_official_account_needs_a_pin_and_an_approved_name(
    browser: Browser, prepare: Callable[..., PhoneNumber]
) -> None:
    number = prepare({**LIVE, "is_pin_enabled": False})
    read(browser, number)
    assert "set a PIN first" in text_of(browser.get(confirm_page(number, "official-account")))


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_is_settled_by_reading_the_settings(
    practice: Practice, browser: Browser, number: PhoneNumber, *, is_done: bool
) -> None:
    read(browser, number)
    lost: dict[str, object] = {"lose_reply": True} if is_done else {"close": True}
    practice.fault(lost, path_contains="settings", method="POST")
    practice.fault({"status": 503, "body": "no"}, times=None, path_contains="settings", method="GET")
    assert "Meta’s answer was lost" in do(browser, number, "identity-check", enable_identity_key_check="True")
    practice.heal()
    Action.objects.update(sent_at=timezone.now() - lost_answers.GRACE)

    browser.post(address(number, "refresh"))

    action = Action.objects.get(kind="identity-check")
    assert action.settled_by_reading
    assert action.state == (ActionState.SUCCEEDED if is_done else ActionState.FAILED)
    assert posts(practice, number) == ["settings"]
