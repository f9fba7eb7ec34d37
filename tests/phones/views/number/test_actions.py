"""Doing things to a number through the pages, with a practice Graph server behind them."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.models import User
from phones.actions import lost_answers, pins
from phones.actions.number import NumberRequest, fingerprint, perform
from phones.actions.send_once import NotSentError
from phones.choices import ActionKind, ActionState, PinState
from phones.models import Action, PhoneNumber, Pin
from tests.conftest import SignIn
from tests.phones.acting import (
    TO_REGISTER,
    UNVERIFIED,
    address,
    at_meta,
    confirm_page,
    do,
    number_page,
    posts,
    token_for,
)
from tests.phones.reading import text_of
from tests.practice import Practice

# --- Registering ------------------------------------------------------------------------------------------------------


def test_two_clicks_register_a_number_with_a_pin_that_the_desk_makes_up(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    page = number_page(browser, number)
    assert "Register it with a PIN." in page
    assert "Attempt 1 of 10 in 72 h" in page

    page = do(browser, number, "register", source="generate")

    assert "Register: done." in page
    assert "Nothing to do." in page
    assert posts(practice, number) == ["register"]
    pin = Pin.objects.get()
    assert pin.state == PinState.CONFIRMED
    assert pins.opened(pin) == at_meta(practice, number)["pin"]
    assert pins.opened(pin) not in page
    assert "The desk keeps its PIN, confirmed by Meta." in page


def test_a_wrong_pin_is_explained_and_not_tried_again(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "is_pin_enabled": True}, pin="111111")
    form = text_of(browser.get(confirm_page(number, "register")))
    assert "Make one up" not in form

    page = do(browser, number, "register", source="typed", pin="222222")

    assert "The PIN is not the number’s" in page
    assert "Do not guess." in page
    assert "trace" in page
    assert Pin.objects.get().state == PinState.REFUSED
    assert posts(practice, number) == ["register"]


def test_the_pin_that_is_kept_is_offered_first_the_next_time(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")

    do(browser, number, "register", source="kept")

    assert Pin.objects.count() == 1
    assert posts(practice, number) == ["register", "register"]
    assert [action.state for action in Action.objects.all()] == ["succeeded", "succeeded"]


def test_deregistering_asks_for_the_last_digits_and_spells_out_what_it_does(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")
    page = text_of(browser.get(confirm_page(number, "deregister")))
    assert "stops sending and receiving at once" in page

    refused = do(browser, number, "deregister", last_digits="0")
    assert "These are not the last four digits" in refused
    page = do(browser, number, "deregister", last_digits=number.digits[-4:])

    assert "Deregister: done." in page
    number.refresh_from_db()
    assert number.stage != "registered"


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_a_code_is_requested_confirmed_and_leads_to_registering(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(UNVERIFIED)
    assert "Request a code" in number_page(browser, number)

    page = do(browser, number, "request-code", code_method="VOICE", language="es_ES")
    assert "A code was sent: enter it" in page
    code = at_meta(practice, number)["code"]
    page = do(browser, number, "verify-code", code=f"{code[:3]}-{code[3:]}")

    assert "Confirm code: done." in page
    assert "Register it with a PIN." in page
    assert posts(practice, number) == ["request_code", "verify_code"]
    assert code not in page
    assert code not in str(list(Action.objects.values()))


def test_a_wrong_code_is_explained(practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser) -> None:
    number = prepare(UNVERIFIED)
    do(browser, number, "request-code", code_method="VOICE", language="en_US")
    wrong = f"{(int(at_meta(practice, number)['code']) + 1) % 1_000_000:06d}"

    page = do(browser, number, "verify-code", code=wrong)

    assert "The code was not accepted" in page
    assert Action.objects.get(kind=ActionKind.VERIFY_CODE).state == ActionState.FAILED


def test_a_number_from_whatsapp_manager_shows_its_three_steps_each_open_when_the_one_before_holds(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(UNVERIFIED)
    PhoneNumber.objects.update(last_onboarded_time=None)

    before = number_page(browser, number)
    practice.change(number.phone_number_id, "last_onboarded_time")
    do(browser, number, "request-code", code_method="VOICE", language="en_US")
    after = number_page(browser, number)

    assert re.search(r"<a [^>]+>1\. Request code</a>", before)
    assert re.search(r"<button [^>]*disabled>2\. Confirm code</button>", before)
    assert re.search(r"<button [^>]*disabled>3\. Register</button>", before)
    assert re.search(r"<a [^>]+>2\. Confirm code</a>", after)


# --- Lost answers and double clicks -----------------------------------------------------------------------------------


def test_a_lost_answer_is_settled_by_reading_and_never_sent_again(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    # Meta does it and its answer is lost; the reading that follows fails too.
    practice.fault({"lose_reply": True}, path_contains="register", method="POST")
    practice.fault({"status": 503, "body": "no"}, times=None, path_contains=number.phone_number_id, method="GET")

    page = do(browser, number, "register", source="generate")

    assert "Meta’s answer was lost" in page
    assert "Nothing is sent again" in page
    assert "Read the number now" in page
    assert Action.objects.get().state == ActionState.UNKNOWN
    assert Pin.objects.get().state == PinState.UNCONFIRMED
    confirmation = text_of(browser.get(confirm_page(number, "register")))
    assert "Nothing else is sent" in confirmation
    assert 'name="confirmation"' not in confirmation

    practice.heal()
    page = text_of(browser.post(address(number, "refresh"), follow=True))

    action = Action.objects.get(kind=ActionKind.REGISTER)
    assert (action.state, action.settled_by_reading) == (ActionState.SUCCEEDED, True)
    assert Pin.objects.get().state == PinState.CONFIRMED
    assert "Done, as the number itself shows" in page
    assert posts(practice, number) == ["register"]


def test_a_lost_call_counts_as_not_done_only_when_meta_had_time_to_do_it(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    practice.fault({"close": True}, path_contains="register", method="POST")

    assert "Meta’s answer was lost" in do(browser, number, "register", source="generate")
    assert Action.objects.get().state == ActionState.UNKNOWN

    Action.objects.update(sent_at=timezone.now() - lost_answers.GRACE)
    browser.post(address(number, "refresh"))

    assert Action.objects.get(kind=ActionKind.REGISTER).state == ActionState.FAILED
    assert posts(practice, number) == ["register"]


def test_a_call_that_never_arrived_counts_as_not_done(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser, settings: Settings
) -> None:
    number = prepare(TO_REGISTER)
    token = token_for(browser, number, "register")
    settings.GRAPH_API_URL = "http://127.0.0.1:9"

    page = text_of(
        browser.post(address(number, "register"), {"confirmation": token, "source": "generate"}, follow=True)
    )

    assert "It did not reach Meta" in page
    assert Action.objects.get().state == ActionState.FAILED


def test_going_back_and_sending_the_same_form_again_sends_nothing(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    form = {"confirmation": token_for(browser, number, "register"), "source": "generate"}

    first = text_of(browser.post(address(number, "register"), form, follow=True))
    second = text_of(browser.post(address(number, "register"), form, follow=True))

    assert "Register: done." in first
    assert "Register: done." in second
    assert posts(practice, number) == ["register"]


def test_a_second_tab_is_told_that_the_number_has_changed(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    other_tab = token_for(browser, number, "register")
    do(browser, number, "register", source="generate")

    page = text_of(
        browser.post(address(number, "register"), {"confirmation": other_tab, "source": "generate"}, follow=True)
    )

    assert "This page was out of date" in page
    assert posts(practice, number) == ["register"]


def test_who_decided_on_a_picture_that_is_gone_by_the_time_of_sending_sends_nothing(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser, lead: User
) -> None:
    number = prepare(TO_REGISTER)
    seen = fingerprint(number)
    do(browser, number, "register", source="generate")
    late = NumberRequest(key=uuid.uuid4(), kind=ActionKind.REGISTER, number=number, user=lead, seen=seen)

    with pytest.raises(NotSentError, match="out of date"):
        perform(late)

    assert posts(practice, number) == ["register"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_token", [True, False])
def test_twenty_at_once_make_one_post(
    same_token: bool, practice: Practice, prepare: Callable[..., PhoneNumber], lead: User, sign_in: SignIn
) -> None:
    number = prepare(TO_REGISTER)
    first = sign_in(lead)
    tokens = [token_for(first, number, "register")] * 20
    if not same_token:
        tokens = [token_for(first, number, "register") for _ in range(20)]
    browsers = [sign_in(lead) for _ in tokens]
    start = threading.Barrier(len(tokens))
    statuses: list[int] = []

    def send(browser: Browser, token: str) -> None:
        start.wait()
        statuses.append(
            browser.post(address(number, "register"), {"confirmation": token, "source": "generate"}).status_code
        )
        connections.close_all()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(browsers, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302] * 20
    assert posts(practice, number) == ["register"]
    assert Action.objects.count() == 1


def test_reading_a_number_is_written_down_with_who_asked_and_what_came_of_it(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser, lead: User
) -> None:
    number = prepare(TO_REGISTER)
    browser.post(address(number, "refresh"))
    practice.fault({"status": 503, "body": "no"}, times=None, path_contains=number.phone_number_id, method="GET")
    browser.post(address(number, "refresh"))

    failed, done = Action.objects.filter(kind=ActionKind.REFRESH)
    assert (done.state, done.requested_by) == (ActionState.SUCCEEDED, lead)
    assert (failed.state, failed.error_kind, failed.http_status) == (ActionState.FAILED, "transient", 503)
