"""Doing things to a number through the pages, with a practice Graph server behind them."""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.choices import Role
from clients.models import User, Waba
from phones.actions import pins
from phones.actions.refusals import advice
from phones.choices import ActionKind, ActionState, PinState
from phones.models import Action, PhoneNumber, Pin, PinReveal
from portal import graph
from portal.graph import NumberAction
from tests.conftest import SignIn
from tests.factories import make_number, make_person
from tests.phones.reading import text_of
from tests.practice import Practice, practice_server

TO_REGISTER = {
    "status": "PENDING",
    "platform_type": "NOT_APPLICABLE",
    "code_verification_status": "VERIFIED",
    "name_status": "APPROVED",
    "is_on_biz_app": False,
    "is_preverified_number": False,
    "is_pin_enabled": False,
}
JUST_SIGNED_UP = {**TO_REGISTER, "last_onboarded_time": timezone.now()}
UNVERIFIED = {**TO_REGISTER, "code_verification_status": "NOT_VERIFIED"}


@pytest.fixture
def practice(db: None, settings: Settings) -> Iterator[Practice]:
    with practice_server(settings, wabas=4, numbers=24) as server:
        yield server


@pytest.fixture
def lead(db: None) -> User:
    return make_person("tess", Role.TEAM_LEAD)


@pytest.fixture
def browser(lead: User, sign_in: SignIn) -> Browser:
    return sign_in(lead)


@pytest.fixture
def prepare(practice: Practice) -> Callable[..., PhoneNumber]:
    """A function that brings a number of the practice world into a state, and reads it onto the desk."""

    def make(values: dict[str, object], **more: object) -> PhoneNumber:
        waba = practice.wabas()[0]
        made = practice.control("POST", f"wabas/{waba['id']}/numbers", {"set": values})
        fresh = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
        known = {**values, "last_onboarded_time": fresh.strftime("%Y-%m-%dT%H:%M:%S+0000")}
        practice.control("PATCH", f"numbers/{made['id']}", {"set": known, **more})
        practice.sync()
        practice.control("POST", "log/clear")
        return PhoneNumber.objects.get(phone_number_id=made["id"])

    return make


def at_meta(practice: Practice, number: PhoneNumber) -> Any:
    """What the practice server has of a number, its PIN and code included."""
    return practice.control("GET", f"numbers/{number.phone_number_id}")


def posts(practice: Practice, number: PhoneNumber) -> list[str]:
    """The last parts of the addresses of all POSTs about a number."""
    calls = practice.calls(number.phone_number_id)
    return [call["path"].rpartition("/")[2] for call in calls if call["method"] == "POST"]


def confirm_page(number: PhoneNumber, kind: str) -> str:
    return f"/phones/{number.phone_number_id}/confirm/{kind}/"


def address(number: PhoneNumber, kind: str) -> str:
    return f"/phones/{number.phone_number_id}/{kind}/"


def slip_in(page: str) -> str:
    found = re.search(r'name="slip" value="([^"]+)"', page)
    assert found, "no form on the page"
    return found[1]


def slip_for(browser: Browser, number: PhoneNumber, kind: str) -> str:
    return slip_in(text_of(browser.get(confirm_page(number, kind))))


def do(browser: Browser, number: PhoneNumber, kind: str, **data: str) -> str:
    """Open the confirmation, fill it in, send it, and read the page it leads to."""
    slip = slip_for(browser, number, kind)
    answer = browser.post(address(number, kind), {"slip": slip, **data}, follow=True)
    return text_of(answer)


def number_page(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.get(f"/phones/{number.phone_number_id}/"))


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
    assert 'name="slip"' not in confirmation

    practice.heal()
    page = text_of(browser.post(address(number, "refresh"), follow=True))

    action = Action.objects.get()
    assert (action.state, action.settled_by_reading) == (ActionState.SUCCEEDED, True)
    assert Pin.objects.get().state == PinState.CONFIRMED
    assert "Done, as the number itself shows" in page
    assert posts(practice, number) == ["register"]


def test_a_call_that_never_arrived_counts_as_not_done(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser, settings: Settings
) -> None:
    number = prepare(TO_REGISTER)
    slip = slip_for(browser, number, "register")
    settings.GRAPH_API_URL = "http://127.0.0.1:9"

    page = text_of(browser.post(address(number, "register"), {"slip": slip, "source": "generate"}, follow=True))

    assert "It did not reach Meta" in page
    assert Action.objects.get().state == ActionState.FAILED


def test_going_back_and_sending_the_same_form_again_sends_nothing(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    form = {"slip": slip_for(browser, number, "register"), "source": "generate"}

    first = text_of(browser.post(address(number, "register"), form, follow=True))
    second = text_of(browser.post(address(number, "register"), form, follow=True))

    assert "Register: done." in first
    assert "Register: done." in second
    assert posts(practice, number) == ["register"]


def test_a_second_tab_is_told_that_the_number_has_changed(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    other_tab = slip_for(browser, number, "register")
    do(browser, number, "register", source="generate")

    page = text_of(browser.post(address(number, "register"), {"slip": other_tab, "source": "generate"}, follow=True))

    assert "This page was out of date" in page
    assert posts(practice, number) == ["register"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_slip", [True, False])
def test_twenty_at_once_make_one_post(
    same_slip: bool, practice: Practice, prepare: Callable[..., PhoneNumber], lead: User, sign_in: SignIn
) -> None:
    number = prepare(TO_REGISTER)
    first = sign_in(lead)
    slips = [slip_for(first, number, "register")] * 20
    if not same_slip:
        slips = [slip_for(first, number, "register") for _ in range(20)]
    browsers = [sign_in(lead) for _ in slips]
    start = threading.Barrier(len(slips))
    statuses: list[int] = []

    def send(browser: Browser, slip: str) -> None:
        start.wait()
        statuses.append(browser.post(address(number, "register"), {"slip": slip, "source": "generate"}).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(browsers, slips, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302] * 20
    assert posts(practice, number) == ["register"]
    assert Action.objects.count() == 1


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
    slip = slip_for(alice, number, "register")
    earlier_attempts(number, 5)
    page = text_of(alice.get(confirm_page(number, "register")))
    assert "Not now." in page
    assert 'name="slip"' not in page

    alice.post(address(number, "register"), {"slip": slip, "source": "generate", "override_reason": "Because I say so"})

    assert posts(practice, number) == []


def test_nobody_goes_beyond_metas_limit(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    earlier_attempts(number, 10)

    page = text_of(browser.get(confirm_page(number, "register")))

    assert "one more blocks the number" in page
    assert 'name="slip"' not in page


def test_metas_own_limit_is_explained_with_the_time_it_ends(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER, calls={"register": 10})

    page = do(browser, number, "register", source="generate")

    assert "Meta’s limit of registrations is reached" in page
    assert "Not again before" in page
    assert "Meta has blocked this for the number" in text_of(browser.get(confirm_page(number, "register")))


# --- What is wrong is said, and nothing is sent -----------------------------------------------------------------------


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "", "٣٣٣٣٣٣"])
def test_a_pin_that_is_not_six_digits_is_refused_and_not_repeated(
    pin: str, practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    slip = slip_for(browser, number, "register")

    answer = browser.post(address(number, "register"), {"slip": slip, "source": "typed", "pin": pin})

    assert answer.status_code == 422
    assert "A PIN is six digits, 0 to 9." in text_of(answer)
    assert not pin or f'value="{pin}"' not in text_of(answer)
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
    slip = slip_for(browser, number, kind)

    answer = browser.post(address(number, kind), {"slip": slip, field: value})

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
    assert 'name="slip"' not in page


@pytest.mark.parametrize("slip", ["", "forged", "e30:1tXYZ:abc"])
def test_a_forged_or_missing_slip_sends_nothing(slip: str, browser: Browser, alices_waba: Waba) -> None:
    number = make_number(alices_waba, **JUST_SIGNED_UP)

    page = text_of(browser.post(address(number, "register"), {"slip": slip, "source": "generate"}, follow=True))

    assert "Nothing was sent" in page
    assert not Action.objects.exists()


def test_a_slip_is_good_for_its_person_number_and_action_only(
    browser: Browser, account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number, other = (make_number(alices_waba, **JUST_SIGNED_UP) for _ in range(2))
    slip = slip_for(browser, number, "register")

    for who, where in (
        (sign_in(account_manager), address(number, "register")),
        (browser, address(other, "register")),
        (browser, address(number, "pin")),
    ):
        assert "Nothing was sent" in text_of(who.post(where, {"slip": slip, "source": "generate"}, follow=True))
    assert not Action.objects.exists()


def test_an_old_slip_sends_nothing(browser: Browser, alices_waba: Waba, monkeypatch: pytest.MonkeyPatch) -> None:
    number = make_number(alices_waba, **JUST_SIGNED_UP)
    slip = slip_for(browser, number, "register")
    monkeypatch.setattr("phones.views.actions.SLIP_SECONDS", -1)

    page = text_of(browser.post(address(number, "register"), {"slip": slip, "source": "generate"}, follow=True))

    assert "too old" in page
    assert not Action.objects.exists()


def test_actions_want_a_post_with_its_token_and_are_not_there_for_others(
    account_manager: User, alices_number: PhoneNumber, foreign_number: PhoneNumber, sign_in: SignIn
) -> None:
    alice, strict = sign_in(account_manager), Browser(enforce_csrf_checks=True)
    strict.force_login(account_manager, backend="django.contrib.auth.backends.ModelBackend")

    for kind in ("register", "deregister", "request-code", "verify-code", "pin", "display-name"):
        assert alice.get(address(alices_number, kind)).status_code == 405
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

    if "Set PIN: done." in page:
        assert at_meta(practice, number)["pin"] == "246813"
        assert "The desk keeps its PIN, confirmed by Meta." in page
    else:  # Meta may want the number registered first
        assert "Set PIN failed" in page


# --- Names, adding, support -------------------------------------------------------------------------------------------


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
        "slip": slip_in(text_of(browser.get(where))),
        "phone_number": "0034 912 55 01 20",
        "verified_name": "Harbor Bakery",
    }
    practice.control("POST", "log/clear")

    page = text_of(browser.post(where, form, follow=True))
    browser.post(where, form, follow=True)

    action = Action.objects.get()
    assert (action.kind, action.requested_by) == (ActionKind.ADD_NUMBER, lead)
    assert len([call for call in practice.calls("phone_numbers") if call["method"] == "POST"]) == 1
    if action.state == ActionState.SUCCEEDED:
        assert "Add number: done." in page
        practice.sync()
        added = PhoneNumber.objects.get(phone_number_id=action.details["phone_number_id"])
        assert added.digits == "34912550120"
        form["slip"] = slip_in(text_of(browser.get(where)))
        assert "has that number already" in text_of(browser.post(where, form, follow=True))
    else:
        assert "Meta did not add the number" in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("912 55 01 20", "Start with the country code"),
        ("+999 1", "not a phone number with a country code"),
        ("+34 91", "too few or too many digits"),
        ("", "required"),
    ],
)
def test_a_number_without_its_country_is_not_added(
    typed: str, sentence: str, browser: Browser, alices_waba: Waba
) -> None:
    where = f"/wabas/{alices_waba.waba_id}/add-number/"
    slip = slip_in(text_of(browser.get(where)))

    answer = browser.post(where, {"slip": slip, "phone_number": typed, "verified_name": "Harbor Bakery"})

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "Nothing was sent" in text_of(browser.post(where, {"phone_number": "+34912550120"}, follow=True))
    assert not Action.objects.exists()


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


# --- Words ------------------------------------------------------------------------------------------------------------


ACTION_ERRORS = [*NumberAction.__subclasses__(), graph.RegistrationLimit, graph.ServerUnavailable]


@pytest.mark.parametrize("error", ACTION_ERRORS, ids=lambda error: error.__name__)
def test_every_reason_that_meta_has_for_refusing_an_action_has_words(error: type[graph.GraphError]) -> None:
    words = advice(error.kind).words

    assert words.title != advice("something else").words.title
    assert words.cause
    assert words.what_to_do


def test_refusals_lead_only_to_actions_that_exist() -> None:
    for error in ACTION_ERRORS:
        way_out = advice(error.kind).way_out
        assert not way_out or way_out.value in set(ActionKind.values)
