"""The business profile of a number through the pages, with a practice Graph server behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncFailure
from phones.actions import lost_answers
from phones.choices import ActionKind, ActionState
from phones.models import Action, Change, PhoneNumber
from phones.sync import profile as profile_sync
from tests.phones.acting import TO_REGISTER, address, confirm_page, do, number_page, posts, token_for
from tests.phones.reading import text_of, value_of
from tests.practice import Practice

EDGE = "whatsapp_business_profile"
PROFILE: dict[str, Any] = {
    "about": "Bread since 1911",
    "description": "We bake.",
    "email": "hello@harbor.example",
    "websites": ["https://harbor.example/"],
    "vertical": "RESTAURANT",
}


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    data = [{"messaging_product": "whatsapp", **PROFILE}]
    return prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API", EDGE: {"data": data}})


def read(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.post(f"{address(number, 'profile')}read/", follow=True))


def filled(**other: str) -> dict[str, str]:
    """The form as it was shown, but for what is given."""
    texts = {name: value for name, value in PROFILE.items() if name != "websites"}
    return {**texts, "website": PROFILE["websites"][0], **other}


def test_the_page_shows_the_profile_once_it_was_read_and_how_old_it_is(browser: Browser, number: PhoneNumber) -> None:
    assert "Not read yet" in number_page(browser, number)

    page = read(browser, number)

    assert "was read from Meta just now" in page
    assert value_of(page, "About") == "Bread since 1911"
    assert value_of(page, "Category") == "Restaurant"
    assert value_of(page, "Address") == "None"
    assert value_of(page, "Websites") == "https://harbor.example/"
    assert value_of(page, "Picture") == "None"


def test_it_is_edited_once_only_what_differs_is_sent_and_the_page_shows_what_meta_has(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)

    page = do(browser, number, "profile", **filled(about="Fresh bread", email="", second_website="harbor.example/menu"))

    assert "Edit business profile: done." in page
    assert "Edit business profile (about, e-mail, websites)" in page
    assert value_of(page, "About") == "Fresh bread"
    assert value_of(page, "E-mail") == "None"
    assert value_of(page, "Websites") == "https://harbor.example/, https://harbor.example/menu"
    assert value_of(page, "Description") == "We bake."
    assert posts(practice, number) == [EDGE]
    action = Action.objects.get()
    assert set(action.details["changes"]) == {"about", "email", "websites"}
    assert set(Change.objects.filter(number=number, field__in=["about", "email"]).values_list("old", "new")) == {
        ("Bread since 1911", "Fresh bread"),
        ("hello@harbor.example", ""),
    }


def test_a_profile_that_was_not_read_is_not_edited(browser: Browser, number: PhoneNumber) -> None:
    page = text_of(browser.get(confirm_page(number, "profile")))

    assert "read it on the number’s page first" in page
    assert 'name="confirmation"' not in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Nothing differs from what Meta has"),
        ({"about": ""}, "Meta does not let it be taken away"),
        ({"about": "x" * 140}, "at most 139 characters"),
        ({"email": "nobody"}, "valid email address"),
        ({"website": "not an address"}, "valid URL"),
        ({"vertical": "BAKERY"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_sent(
    practice: Practice, browser: Browser, number: PhoneNumber, wrong: dict[str, str], said: str
) -> None:
    read(browser, number)

    assert said in do(browser, number, "profile", **filled(**wrong))
    assert posts(practice, number) == []
    assert not Action.objects.exists()


def test_a_category_that_the_desk_has_no_word_for_stays_as_it_is(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    data = [{"messaging_product": "whatsapp", **PROFILE, "vertical": "SPACE_TRAVEL"}]
    practice.change(number.phone_number_id, **{EDGE: {"data": data}})
    assert value_of(read(browser, number), "Category") == "SPACE_TRAVEL"

    page = do(browser, number, "profile", **filled(about="To the moon", vertical="SPACE_TRAVEL"))

    assert value_of(page, "Category") == "SPACE_TRAVEL"
    assert Action.objects.get().details["changes"] == {"about": "To the moon"}


def test_what_meta_refuses_is_explained_and_nothing_is_changed(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    practice.fault(
        {"graph_error": {"code": 100, "message": "(#100) Param about is not allowed"}},
        path_contains=EDGE,
        method="POST",
    )

    page = do(browser, number, "profile", **filled(about="Fresh bread"))

    assert Action.objects.get().state == ActionState.FAILED
    assert value_of(page, "About") == "Bread since 1911"


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_is_settled_by_reading_the_profile_and_never_sent_again(
    practice: Practice, browser: Browser, number: PhoneNumber, *, is_done: bool
) -> None:
    read(browser, number)
    lost: dict[str, object] = {"lose_reply": True} if is_done else {"close": True}
    practice.fault(lost, path_contains=EDGE, method="POST")
    practice.fault({"status": 503, "body": "no"}, times=None, path_contains=EDGE, method="GET")
    assert "Meta’s answer was lost" in do(browser, number, "profile", **filled(about="Fresh bread"))
    practice.heal()
    Action.objects.update(sent_at=timezone.now() - lost_answers.GRACE)

    browser.post(address(number, "refresh"))

    action = Action.objects.get(kind=ActionKind.PROFILE)
    assert action.settled_by_reading
    assert action.state == (ActionState.SUCCEEDED if is_done else ActionState.FAILED)
    assert posts(practice, number) == [EDGE]


def test_a_reading_that_fails_says_why_and_what_was_read_before_stays(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    practice.fault({"graph_error": {"code": 200, "message": "no"}}, times=None, path_contains=EDGE)

    page = read(browser, number)

    assert "The business profile could not be read" in page
    assert "Could not be read:" in page
    assert value_of(page, "About") == "Bread since 1911"


def set_at_meta(practice: Practice, number: PhoneNumber, **other: str) -> None:
    data = [{"messaging_product": "whatsapp", **PROFILE, **other}]
    practice.change(number.phone_number_id, **{EDGE: {"data": data}})


def test_what_was_changed_at_meta_since_the_form_was_opened_is_not_changed_back(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    token = token_for(browser, number, "profile")
    set_at_meta(practice, number, email="new@harbor.example")
    read(browser, number)

    data = {"confirmation": token, **filled(about="Fresh bread")}
    page = text_of(browser.post(address(number, "profile"), data, follow=True))

    assert "Nothing was sent. This page was out of date" in page
    assert posts(practice, number) == []


def test_lines_that_nobody_changed_are_no_change_though_browsers_end_them_another_way(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    texts = {"about": "Bread\nsince 1911", "address": "1 Quay\nHarbor", "description": "x\n" * 255 + "x"}
    set_at_meta(practice, number, **texts)
    read(browser, number)
    as_browsers_send_them = {name: text.replace("\n", "\r\n") for name, text in texts.items()}

    page = browser.get(confirm_page(number, "profile")).content.decode()
    assert all(f'<textarea name="{name}"' in page for name in texts)
    do(browser, number, "profile", **filled(**as_browsers_send_them, email="new@harbor.example"))

    assert Action.objects.get().details["changes"] == {"email": "new@harbor.example"}


@pytest.mark.parametrize("vertical", ["", "UNDEFINED", "RESTAURANT"])
def test_that_no_category_is_chosen_is_offered_once(
    practice: Practice, browser: Browser, number: PhoneNumber, vertical: str
) -> None:
    set_at_meta(practice, number, vertical=vertical)
    read(browser, number)

    assert text_of(browser.get(confirm_page(number, "profile"))).count(">None chosen<") == 1
    assert "Nothing differs" in do(browser, number, "profile", **filled(vertical=vertical))


def test_a_reading_that_failed_says_nothing_of_a_profile_that_was_read_since(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    failure = SyncFailure(kind="unreachable", at=timezone.now())
    profile_sync.note_failure(number, failure, timezone.now() - timedelta(minutes=1))

    assert "Could not be read" not in number_page(browser, number)
