"""What looks like the end of the way has a way on: another registration, another signup, another PIN, another code."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SignupLink
from phones.actions import lost_answers
from phones.actions.settle import settle_all
from phones.models import Action, PhoneNumber
from phones.numbers import clocks
from phones.numbers.standing import recompute_due
from tests.phones.acting import TO_REGISTER, at_meta, confirm_page, do, number_page, posts
from tests.phones.reading import text_of
from tests.practice import Practice

PASSWORD = "correct-horse-battery"
DAY = datetime.timedelta(days=1)


def signed_up(days: int) -> str:
    return (timezone.now() - days * DAY).strftime("%Y-%m-%dT%H:%M:%S+0000")


def change(practice: Practice, number: PhoneNumber, **values: object) -> None:
    """Change the number at Meta, and read it."""
    practice.control("PATCH", f"numbers/{number.phone_number_id}", {"set": values})
    practice.sync(number.waba.waba_id)
    number.refresh_from_db()


def refuse(practice: Practice, code: int, path: str = "register") -> None:
    """Have Meta refuse the next call."""
    error = {"error": {"message": f"({code}) no", "code": code, "type": "OAuthException", "fbtrace_id": "T"}}
    practice.fault({"status": 400, "body": error}, path_contains=path, method="POST")


def test_after_deregistering_long_after_its_signup_a_number_is_registered_again(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")
    change(practice, number, last_onboarded_time=signed_up(90))
    do(browser, number, "deregister", last_digits=number.digits[-4:])
    # Meta shows some as disconnected and some as pending.
    change(practice, number, status="PENDING")
    assert number.step == "register"
    page = number_page(browser, number)
    assert "It was registered before" in page
    assert "does not say whether they count" in page

    assert "Register: done." in do(browser, number, "register", source="kept")
    assert at_meta(practice, number)["values"]["status"] == "CONNECTED"


def test_history_tells_that_a_number_was_registered_before(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})
    change(practice, number, last_onboarded_time=signed_up(90))
    change(practice, number, status="PENDING", platform_type="NOT_APPLICABLE")
    assert number.stage == "ready"
    assert number.registration_deadline is None
    assert 'name="confirmation"' in text_of(browser.get(confirm_page(number, "register")))
    # A new signup has a time of its own.
    change(practice, number, last_onboarded_time=signed_up(-1))
    assert number.registration_deadline is not None


@pytest.mark.parametrize("status", ["PENDING", "DISCONNECTED"])
def test_after_the_window_a_signup_link_is_offered_and_the_form_is_filled_in(
    status: str, practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "status": status})
    assert "Make a signup link" not in number_page(browser, number)
    change(practice, number, last_onboarded_time=signed_up(30))
    page = number_page(browser, number)
    assert "Make a signup link" in page
    address = unescape(page.partition("Make a signup link")[0].rpartition('href="')[2].partition('"')[0])
    assert urlsplit(address).path == f"/clients/{number.waba.client_id}/"
    assert parse_qs(urlsplit(address).query)["waba"] == [number.waba.waba_id]

    form = text_of(browser.get(address))

    assert f'For <a href="/phones/{number.phone_number_id}/">{number}</a> on WABA {number.waba}:' in form
    assert f'value="{number.verified_name}"' in form
    assert not SignupLink.objects.exists()


def test_a_signup_form_is_filled_in_with_nothing_of_another_client(
    prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    other = PhoneNumber.objects.exclude(waba__client=number.waba.client_id).first()
    assert other is not None
    for text in (other.phone_number_id, "x", "9" * 400):
        page = text_of(browser.get(f"/clients/{number.waba.client_id}/", {"number": text, "waba": text}))
        assert "choose just these" not in page


def test_after_a_wrong_pin_the_button_sets_a_new_one(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "is_pin_enabled": True}, pin="111111")
    assert "Set a new PIN, then register…" in number_page(browser, number), "the desk does not know it"
    do(browser, number, "register", source="typed", pin="222222")
    page = number_page(browser, number)
    assert "Meta refused the PIN" in page
    assert "Set a new PIN, then register…" in page

    do(browser, number, "pin", source="generate")

    assert "Register it with a PIN." in number_page(browser, number)
    assert "Register: done." in do(browser, number, "register", source="kept")


def test_when_meta_wants_a_code_of_a_verified_number_one_may_be_requested(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    assert "no code is needed" in text_of(browser.get(confirm_page(number, "request-code")))
    refuse(practice, 133006)
    do(browser, number, "register", source="generate")
    number.refresh_from_db()
    assert (number.stage, number.step) == ("needs_code", "request-code")
    assert "Meta wants a new code" in number_page(browser, number)

    # From here Meta takes the number for unproven.
    practice.control("PATCH", f"numbers/{number.phone_number_id}", {"set": {"code_verification_status": "EXPIRED"}})
    do(browser, number, "request-code", code_method="VOICE", language="en_US")
    do(browser, number, "verify-code", code=at_meta(practice, number)["code"])

    number.refresh_from_db()
    assert (number.stage, number.step) == ("ready", "register")


def test_a_registration_that_meta_took_and_does_not_show_yet_is_not_sent_again(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    practice.fault({"status": 200, "body": {"success": True}}, path_contains="register", method="POST")

    page = do(browser, number, "register", source="generate")

    assert "Meta took the registration; waiting for it to show" in page
    assert "Register it with a PIN." not in page
    assert "Meta took the registration and does not show it yet" in text_of(
        browser.get(confirm_page(number, "register"))
    )
    # After a day of waiting it may be sent again.
    long_ago = timezone.now() - DAY
    Action.objects.update(closed_at=long_ago)
    PhoneNumber.objects.filter(pk=number.pk).update(stage_since=long_ago)
    assert recompute_due() == 1
    number.refresh_from_db()
    assert number.step == "register"


def test_a_registration_that_was_seen_is_not_waited_for_when_the_number_is_disconnected(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")

    change(practice, number, status="DISCONNECTED")

    assert (number.stage, number.step, number.may_send) == ("disconnected", "register", "no")


@pytest.mark.parametrize("status", ["FLAGGED", "RATE_LIMITED", "PENDING"])
def test_a_lost_deregistration_is_settled_by_the_platform_and_not_by_the_state(
    status: str, practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})
    practice.fault({"close": True}, path_contains="deregister", method="POST")
    do(browser, number, "deregister", last_digits=number.digits[-4:])
    practice.control("PATCH", f"numbers/{number.phone_number_id}", {"set": {"status": status}})
    long_ago = timezone.now() - 2 * lost_answers.ANSWER_LIMIT
    Action.objects.update(created_at=long_ago, sent_at=long_ago)

    settle_all()

    assert [action.state for action in Action.objects.all()] == ["failed"], "it is on Cloud API as before"
    assert posts(practice, number) == ["deregister"]


def test_a_lost_deregistration_is_not_settled_by_a_platform_from_before_it(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})
    practice.change(number.phone_number_id, "platform_type")
    practice.fault({"close": True}, path_contains="deregister", method="POST")
    do(browser, number, "deregister", last_digits=number.digits[-4:])

    with time_machine.travel(timezone.now() + 2 * lost_answers.ANSWER_LIMIT):
        settle_all()
        assert Action.objects.get().closed_at is None, "Meta may yet say where it is registered"

    with time_machine.travel(timezone.now() + clocks.SHOWS_WITHIN):
        settle_all()
        action = Action.objects.get()
        assert (action.state, action.closed_at is not None) == ("unknown", True), "Meta never said"


def test_a_lost_registration_of_a_number_that_meta_flags_at_once_was_done(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    practice.fault({"lose_reply": True}, path_contains="register", method="POST")
    practice.fault({"status": 503, "body": "no"}, times=2, path_contains=number.phone_number_id, method="GET")
    do(browser, number, "register", source="generate")
    practice.control("PATCH", f"numbers/{number.phone_number_id}", {"set": {"status": "FLAGGED"}})

    settle_all()

    assert [action.state for action in Action.objects.all()] == ["succeeded"]
