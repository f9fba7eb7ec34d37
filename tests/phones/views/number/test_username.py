"""The username of a number through the pages, with a practice Graph server behind them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.utils import timezone

from phones.actions import lost_answers
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from tests.phones.acting import TO_REGISTER, address, confirm_page, do, number_page, token_for
from tests.phones.reading import text_of, value_of
from tests.practice import Practice


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    return prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API", "username": ""})


def read(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.post(f"{address(number, 'details')}read/", follow=True))


def changes(practice: Practice, number: PhoneNumber) -> list[str]:
    return [call["method"] for call in practice.calls(number.phone_number_id) if call["method"] != "GET"]


def test_it_is_asked_for_with_metas_suggestions_changed_and_given_up(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    assert value_of(read(browser, number), "Username") == "None"
    assert "Meta suggests: " in text_of(browser.get(confirm_page(number, "username")))

    page = do(browser, number, "username", username="@harbor_bakery")
    assert "Ask for username: done." in page
    assert value_of(page, "Username").startswith("@harbor_bakery, ")

    page = do(browser, number, "username", username="harbor.bakery")
    assert value_of(page, "Username").startswith("@harbor.bakery, ")

    page = do(browser, number, "drop-username")
    assert "Give up username: done." in page
    assert value_of(page, "Username") == "None"
    assert changes(practice, number) == ["POST", "POST", "DELETE"]


def test_nothing_is_asked_before_the_desk_knows_which_one_there_is(browser: Browser, number: PhoneNumber) -> None:
    assert "which username there is: read that" in number_page(browser, number)
    for kind in ("username", "drop-username"):
        page = text_of(browser.get(confirm_page(number, kind)))
        assert "read that on the number’s page first" in page
        assert 'name="confirmation"' not in page
    read(browser, number)
    assert "no username to give up" in text_of(browser.get(confirm_page(number, "drop-username")))


@pytest.mark.parametrize("wrong", ["ab", "harbor bakery", "harbor.com"])
def test_what_meta_takes_not_is_said_and_not_sent(
    practice: Practice, browser: Browser, number: PhoneNumber, wrong: str
) -> None:
    read(browser, number)

    assert "A username " in do(browser, number, "username", username=wrong)
    assert changes(practice, number) == []


def test_one_that_is_taken_is_refused_in_words_and_the_old_one_stays(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    other = PhoneNumber.objects.exclude(pk=number.pk)[0].phone_number_id
    practice.change(other, username="harbor_bakery")

    page = do(browser, number, "username", username="harbor_bakery")

    assert Action.objects.get().state == ActionState.FAILED
    assert value_of(page, "Username") == "None"


def test_another_one_than_was_shown_is_not_given_up(practice: Practice, browser: Browser, number: PhoneNumber) -> None:
    practice.change(number.phone_number_id, username="harbor_bakery")
    read(browser, number)
    token = token_for(browser, number, "drop-username")
    practice.change(number.phone_number_id, username="harbor.bakery")
    read(browser, number)

    answer = browser.post(address(number, "drop-username"), {"confirmation": token}, follow=True)

    assert "Nothing was sent. This page was out of date" in text_of(answer)
    assert changes(practice, number) == []


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_is_settled_by_reading_the_username_and_never_sent_again(
    practice: Practice, browser: Browser, number: PhoneNumber, *, is_done: bool
) -> None:
    read(browser, number)
    lost: dict[str, object] = {"lose_reply": True} if is_done else {"close": True}
    practice.fault(lost, path_contains="username", method="POST")
    practice.fault({"status": 503, "body": "no"}, times=None, path_contains="username", method="GET")
    assert "Meta’s answer was lost" in do(browser, number, "username", username="harbor_bakery")
    practice.heal()
    Action.objects.update(sent_at=timezone.now() - lost_answers.GRACE)

    browser.post(address(number, "refresh"))

    action = Action.objects.get(kind=ActionKind.USERNAME)
    assert action.settled_by_reading
    assert action.state == (ActionState.SUCCEEDED if is_done else ActionState.FAILED)
    assert changes(practice, number) == ["POST"]
