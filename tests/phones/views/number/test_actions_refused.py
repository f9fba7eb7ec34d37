"""What the pages refuse to do to a number, and how they say it: limits, input, people, Meta's reasons."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.actions import lost_answers
from phones.actions.words import advice
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from portal import graph
from portal.graph.errors.number_actions import NumberAction, RegistrationLimit, ServerUnavailable
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.acting import (
    JUST_SIGNED_UP,
    TO_REGISTER,
    UNVERIFIED,
    address,
    confirm_page,
    do,
    number_page,
    posts,
    token_for,
)
from tests.phones.reading import text_of
from tests.practice import Practice

# --- Limits -----------------------------------------------------------------------------------------------------------


def earlier_attempts(number: PhoneNumber, count: int, kind: ActionKind = ActionKind.REGISTER) -> None:
    for hours in range(count):
        at = timezone.now() - datetime.timedelta(hours=hours + 1)
        Action.objects.create(
            number=number,
            waba=number.waba,
            kind=kind,
            state=ActionState.FAILED,
            created_at=at,
            sent_at=at,
            closed_at=at,
            error_kind="generic_registration_failure",
        )


def test_the_desk_stops_before_meta_does_and_a_lead_goes_on_with_a_reason(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    earlier_attempts(number, 5)
    page = text_of(browser.get(confirm_page(number, "register")))
    assert "5 of the 10 requests that Meta allows in 72 hours are used" in page
    assert "Attempt 6 of 10 in 72 h" in page
    assert "Reason to go on all the same" in page

    refused = do(browser, number, "register", source="generate")
    assert posts(practice, number) == []
    assert "Nothing was sent" in refused or "required" in refused
    page = do(browser, number, "register", source="generate", override_reason="The client waits on the phone")

    assert "Register: done." in page
    assert "The client waits on the phone" in page
    assert posts(practice, number) == ["register"]


def test_an_account_manager_can_not_go_beyond_the_desks_limit(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser, sign_in: SignIn, account_manager: User
) -> None:
    number = prepare(TO_REGISTER)
    number.waba.client.owner = account_manager
    number.waba.client.save()
    alice = sign_in(account_manager)
    token = token_for(alice, number, "register")
    earlier_attempts(number, 5)
    page = text_of(alice.get(confirm_page(number, "register")))
    assert "Not now." in page
    assert 'name="confirmation"' not in page

    alice.post(
        address(number, "register"),
        {"confirmation": token, "source": "generate", "override_reason": "Because I say so"},
    )

    assert posts(practice, number) == []


def test_nobody_goes_beyond_metas_limit(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    earlier_attempts(number, 10)

    page = text_of(browser.get(confirm_page(number, "register")))

    assert "one more blocks the number" in page
    assert 'name="confirmation"' not in page


def test_metas_own_limit_is_explained_with_the_time_it_ends(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER, calls={"register": 10})

    page = do(browser, number, "register", source="generate")

    assert "Meta’s limit of registrations is reached" in page
    assert "Not again before" in page
    assert "Meta has blocked this for the number" in text_of(browser.get(confirm_page(number, "register")))


# --- What is wrong is said, and nothing is sent -----------------------------------------------------------------------


def test_a_pin_that_is_not_six_digits_is_refused_and_not_repeated(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    token = token_for(browser, number, "register")

    for pin in ("12345", "1234567", "12345a", "", "٣٣٣٣٣"):
        answer = browser.post(address(number, "register"), {"confirmation": token, "source": "typed", "pin": pin})
        assert answer.status_code == 422, pin
        assert "A PIN is six digits, 0 to 9." in text_of(answer), pin
        assert not pin or f'value="{pin}"' not in text_of(answer), pin
    assert not Action.objects.exists()
    assert practice.calls(number.phone_number_id) == []


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        ("verify-code", "code", "12-34", "The code is six digits"),
        ("display-name", "new_display_name", "A", "at least two characters"),
        ("request-code", "code_method", "PIGEON", "Select a valid choice"),
    ],
)
def test_bad_input_is_told_beside_its_field(
    kind: str, field: str, value: str, sentence: str, browser: Browser, alices_waba: Waba
) -> None:
    number = make_number(alices_waba, **{**UNVERIFIED, "last_onboarded_time": timezone.now()})
    token = token_for(browser, number, kind)

    answer = browser.post(address(number, kind), {"confirmation": token, field: value})

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not Action.objects.exists()


@pytest.mark.parametrize(("missing_since", "status"), [(timezone.now(), "PENDING"), (None, "DELETED")])
def test_a_number_that_is_gone_is_refused(
    missing_since: datetime.datetime | None, status: str, browser: Browser, alices_waba: Waba
) -> None:
    number = make_number(alices_waba, **{**TO_REGISTER, "status": status, "missing_since": missing_since})

    page = text_of(browser.get(confirm_page(number, "register")))

    assert "no longer on a WABA that we see" in page
    assert 'name="confirmation"' not in page


@pytest.mark.parametrize("token", ["", "forged", "e30:1tXYZ:abc"])
def test_a_forged_or_missing_token_sends_nothing(token: str, browser: Browser, alices_waba: Waba) -> None:
    number = make_number(alices_waba, **JUST_SIGNED_UP)

    page = text_of(
        browser.post(address(number, "register"), {"confirmation": token, "source": "generate"}, follow=True)
    )

    assert "Nothing was sent" in page
    assert not Action.objects.exists()


def test_a_token_is_good_for_its_person_number_and_action_only(
    browser: Browser, account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number, other = (make_number(alices_waba, **JUST_SIGNED_UP) for _ in range(2))
    token = token_for(browser, number, "register")

    for who, where in (
        (sign_in(account_manager), address(number, "register")),
        (browser, address(other, "register")),
        (browser, address(number, "pin")),
    ):
        assert "Nothing was sent" in text_of(
            who.post(where, {"confirmation": token, "source": "generate"}, follow=True)
        )
    assert not Action.objects.exists()


def test_an_old_token_sends_nothing(browser: Browser, alices_waba: Waba, monkeypatch: pytest.MonkeyPatch) -> None:
    number = make_number(alices_waba, **JUST_SIGNED_UP)
    token = token_for(browser, number, "register")
    monkeypatch.setattr("phones.views.confirmation.LIFETIME", datetime.timedelta(seconds=-1))

    page = text_of(
        browser.post(address(number, "register"), {"confirmation": token, "source": "generate"}, follow=True)
    )

    assert "too old" in page
    assert not Action.objects.exists()


def test_actions_want_a_post_with_its_token_and_are_not_there_for_others(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    alice, strict = sign_in(account_manager), Browser(enforce_csrf_checks=True)
    strict.force_login(account_manager, backend="django.contrib.auth.backends.ModelBackend")

    for kind in ("register", "deregister", "request-code", "verify-code", "pin", "display-name"):
        assert alice.get(address(alices_number, kind))["Location"] == confirm_page(alices_number, kind)
        assert strict.post(address(alices_number, kind)).status_code == 403
        assert alice.post(address(foreign_number, kind)).status_code == 404
        assert alice.get(confirm_page(foreign_number, kind)).status_code == 404
    assert alice.get(confirm_page(alices_number, "explode")).status_code == 404
    assert strict.post(f"/wabas/{alices_number.waba.waba_id}/add-number/").status_code == 403


def test_a_viewer_sees_what_to_do_and_can_do_nothing(viewer: User, viewed_waba: Waba, sign_in: SignIn) -> None:
    number = make_number(viewed_waba, **{**TO_REGISTER, "last_onboarded_time": timezone.now()})
    vera = sign_in(viewer)
    page = number_page(vera, number)

    assert "Register it with a PIN." in page
    assert "Your role may look and not act." in page
    assert "/confirm/" not in page
    assert "Add number" not in text_of(vera.get(f"/wabas/{viewed_waba.waba_id}/"))
    assert vera.get(confirm_page(number, "register")).status_code == 403
    assert vera.post(address(number, "register")).status_code == 403
    assert vera.get(f"/wabas/{viewed_waba.waba_id}/add-number/").status_code == 403


# --- Words ------------------------------------------------------------------------------------------------------------


ACTION_ERRORS: list[type[graph.GraphError]] = [
    *NumberAction.__subclasses__(),
    RegistrationLimit,
    ServerUnavailable,
]


@pytest.mark.parametrize("error", ACTION_ERRORS, ids=lambda error: error.__name__)
def test_every_reason_that_meta_has_for_refusing_an_action_has_words(error: type[graph.GraphError]) -> None:
    words = advice(error.kind)

    assert words.title != advice("something else").title
    assert words.cause
    assert words.what_to_do


def test_the_support_text_has_what_meta_asks_for_and_no_secret(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "is_pin_enabled": True}, pin="111111")
    page = do(browser, number, "register", source="typed", pin="222222")
    link = re.search(r'href="([^"]+/support/\d+/)"', page)
    assert link

    text = text_of(browser.get(link[1]))

    action = Action.objects.get()
    for part in (number.phone_number_id, action.fbtrace_id, "133005", number.waba.waba_id):
        assert part in unquote(text)
    assert "222222" not in text


def test_the_page_of_a_number_follows_an_action_that_meta_has_not_answered_yet(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    sent = {"kind": ActionKind.REGISTER, "state": ActionState.SENT, "number": number, "waba": number.waba}
    action = Action.objects.create(key=uuid.uuid4(), created_at=timezone.now(), sent_at=timezone.now(), **sent)
    where = f"/phones/{number.phone_number_id}/"
    asks_again = f'hx-get="{where}"'

    page = browser.get(where).content.decode()
    Action.objects.filter(pk=action.pk).update(created_at=timezone.now() - lost_answers.ANSWER_LIMIT)
    later = browser.get(where).content.decode()

    assert "It goes on without you, and what comes of it appears here." in page
    assert asks_again in page
    assert "only the number itself shows" in later
    assert asks_again not in later
