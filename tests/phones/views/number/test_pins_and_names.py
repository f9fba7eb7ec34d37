"""PINs, display names and added numbers through the pages, with a practice Graph server behind them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from clients.models import User, Waba
from phones.actions import pins, settle
from phones.choices import ActionKind
from phones.models import Action, PhoneNumber, PinReveal
from tests.conftest import SignIn
from tests.phones.acting import TO_REGISTER, address, at_meta, do, number_page, token_in
from tests.phones.reading import text_of
from tests.practice import Practice

# --- The PIN ----------------------------------------------------------------------------------------------------------


def test_a_lead_sees_the_pin_once_and_is_written_down(browser: Browser, lead: User, alices_number: PhoneNumber) -> None:
    pins.confirm(pins.keep(number=alices_number, pin="493817", user=lead, generated=True))
    assert "493817" not in number_page(browser, alices_number)

    nothing = text_of(browser.post(f"{address(alices_number, 'pin')}reveal/", {"reason": "hm"}, follow=True))
    answer = browser.post(f"{address(alices_number, 'pin')}reveal/", {"reason": "The client moves to another partner"})

    assert "493817" not in nothing
    assert "493817" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert [(one.user, one.reason) for one in PinReveal.objects.all()] == [
        (lead, "The client moves to another partner")
    ]


def test_an_account_manager_uses_a_pin_without_seeing_it(
    account_manager: User, alices_number: PhoneNumber, sign_in: SignIn
) -> None:
    pins.confirm(pins.keep(number=alices_number, pin="493817", user=None, generated=True))
    alice = sign_in(account_manager)

    page = text_of(alice.post(f"{address(alices_number, 'pin')}reveal/", {"reason": "I am curious"}, follow=True))

    assert "493817" not in page
    assert "Only team leads" in page
    assert not PinReveal.objects.exists()


def test_a_new_pin_is_set_for_a_number_whose_pin_is_unknown(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "is_pin_enabled": True}, pin="111111")
    assert "unknown to the desk" in number_page(browser, number)

    page = do(browser, number, "pin", source="typed", pin="246813")

    assert "Set PIN: done." in page
    assert at_meta(practice, number)["pin"] == "246813"
    assert "The desk keeps its PIN, confirmed by Meta." in page
    page = do(browser, number, "register", source="kept")
    assert "Register: done." in page


# --- Names, adding ----------------------------------------------------------------------------------------------------


def test_a_display_name_is_requested(practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")

    page = do(browser, number, "display-name", new_display_name="Harbor Bakery Porto")

    assert "Request display name: done." in page
    assert "Request display name “Harbor Bakery Porto”" in page
    number.refresh_from_db()
    assert number.new_display_name == "Harbor Bakery Porto"


@pytest.fixture
def roomy_waba(practice: Practice) -> Waba:
    """A WABA of the practice world, on the desk."""
    practice.sync()
    owned = next(waba for waba in practice.wabas() if len(waba["phone_number_ids"]) < 8)
    return Waba.objects.get(waba_id=owned["id"])


def test_a_number_is_added_once_and_comes_onto_the_desk(
    practice: Practice, roomy_waba: Waba, browser: Browser, lead: User
) -> None:
    where = f"/wabas/{roomy_waba.waba_id}/add-number/"
    form = {
        "confirmation": token_in(text_of(browser.get(where))),
        "phone_number": "0034 912 55 01 20",
        "verified_name": "Harbor Bakery",
    }
    practice.control("POST", "log/clear")

    page = text_of(browser.post(where, form, follow=True))
    browser.post(where, form, follow=True)

    action = Action.objects.get()
    assert (action.kind, action.requested_by) == (ActionKind.ADD_NUMBER, lead)
    assert len([call for call in practice.calls("phone_numbers") if call["method"] == "POST"]) == 1
    assert "Add number: done." in page
    assert "Add number +34 912550120" in page
    practice.sync()
    added = PhoneNumber.objects.get(phone_number_id=action.details["phone_number_id"])
    assert added.digits == "34912550120"
    form["confirmation"] = token_in(text_of(browser.get(where)))
    assert "has that number already" in text_of(browser.post(where, form, follow=True))


@pytest.mark.parametrize(("answer", "state"), [({"lose_reply": True}, "succeeded"), ({"close": True}, "failed")])
def test_the_lost_answer_to_an_addition_is_settled_by_the_list_of_its_waba(
    answer: dict[str, object], state: str, practice: Practice, roomy_waba: Waba, browser: Browser
) -> None:
    where = f"/wabas/{roomy_waba.waba_id}/add-number/"
    form = {"phone_number": "+34 912 55 01 20", "verified_name": "Harbor Bakery"}
    practice.fault(answer, path_contains="phone_numbers", method="POST")

    page = text_of(browser.post(where, {**form, "confirmation": token_in(text_of(browser.get(where)))}, follow=True))
    again = text_of(browser.post(where, {**form, "confirmation": token_in(text_of(browser.get(where)))}, follow=True))
    practice.sync()
    settle.settle_all()

    assert "answer was lost" in page
    assert "under way" in again
    action = Action.objects.get()
    assert (action.state, action.settled_by_reading) == (state, True)
    assert (action.number is not None) == (state == "succeeded")


def test_an_addition_is_found_by_its_number_however_meta_spells_it(
    practice: Practice, roomy_waba: Waba, browser: Browser
) -> None:
    where = f"/wabas/{roomy_waba.waba_id}/add-number/"
    form = {"phone_number": "+52 55 1234 5678", "verified_name": "Harbor Bakery"}

    def add() -> str:
        return text_of(
            browser.post(where, {**form, "confirmation": token_in(text_of(browser.get(where)))}, follow=True)
        )

    practice.fault({"close": True}, path_contains="phone_numbers", method="POST")
    assert "answer was lost" in add()
    shown = {"display_phone_number": "+52 1 55 1234 5678"}
    practice.control("POST", f"wabas/{roomy_waba.waba_id}/numbers", {"set": shown})
    practice.sync()
    settle.settle_all()

    action = Action.objects.get()
    assert (action.state, action.number) == ("succeeded", PhoneNumber.objects.get(digits="5215512345678"))
    assert "has that number already" in add()


def test_a_number_without_its_country_is_not_added(browser: Browser, alices_waba: Waba) -> None:
    where = f"/wabas/{alices_waba.waba_id}/add-number/"
    form = {"confirmation": token_in(text_of(browser.get(where))), "verified_name": "Harbor Bakery"}
    wrong = {
        "912 55 01 20": "Start with the country code",
        "+999 1": "not a phone number with a country code",
        "+34 91": "too few or too many digits",
        "": "required",
    }

    for typed, sentence in wrong.items():
        answer = browser.post(where, {**form, "phone_number": typed})
        assert answer.status_code == 422, typed
        assert sentence in text_of(answer), typed
    assert "Nothing was sent" in text_of(browser.post(where, {"phone_number": "+34912550120"}, follow=True))
    assert not Action.objects.exists()
