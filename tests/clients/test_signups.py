"""One try at Embedded Signup: who began it, what its browser told, and that neither is believed too much."""

import datetime
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients import links, signups
from clients.choices import AttemptState
from clients.models import Client, SignupAttempt, SignupLink, User
from portal.graph.errors import Unreachable
from tests.factories import TOKEN, make_attempt, make_client, make_credential, make_signup_link

pytestmark = pytest.mark.django_db

ALICES_BROWSER, OTHER_BROWSER = "browser-a", "browser-b"
FINISH = {
    "type": "WA_EMBEDDED_SIGNUP",
    "event": "FINISH",
    "version": 3,
    "data": {"phone_number_id": "2001", "waba_id": "1001", "business_id": "3001"},
}
CANCEL = {"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": {"current_step": "PHONE_NUMBER_SETUP"}}
ERROR = {
    "type": "WA_EMBEDDED_SIGNUP",
    "event": "CANCEL",
    "data": {
        "error_message": "The number is in use.",
        "error_code": 524126,
        "session_id": "f34b51dab5e0498",
        "timestamp": "1772615287",
    },
}


@pytest.fixture
def link(account_manager: User, alices_client: Client) -> SignupLink:
    return links.make_signup_link(client=alices_client, actor=account_manager)


def begun(link: SignupLink, browser: str = ALICES_BROWSER) -> SignupAttempt:
    """The attempt of this browser, with Meta's dialog open."""
    attempt, _state = signups.begin(link=link, browser=browser)
    signups.note_started(attempt=attempt)
    return attempt


# --- Beginning --------------------------------------------------------------------------------------------------------


def test_the_first_browser_takes_the_attempt_that_was_sent(link: SignupLink) -> None:
    attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)

    stored = SignupAttempt.objects.get()
    assert (attempt, stored.state) == (stored, AttemptState.OPENED)
    assert stored.opened_at is not None
    assert ALICES_BROWSER not in str(SignupAttempt.objects.values().get())
    assert signups.attempt_of(link=link, state=state, browser=ALICES_BROWSER) == stored


def test_a_browser_that_opens_the_page_again_goes_on_with_its_own_attempt(link: SignupLink) -> None:
    first = begun(link)
    second, _state = signups.begin(link=link, browser=ALICES_BROWSER)

    assert first == second
    assert second.state == AttemptState.STARTED


def test_another_browser_gets_an_attempt_of_its_own(link: SignupLink) -> None:
    first = begun(link)
    second, _state = signups.begin(link=link, browser=OTHER_BROWSER)

    assert first != second
    assert SignupAttempt.objects.count() == 2
    assert second.state == AttemptState.OPENED


@pytest.mark.parametrize("message", [FINISH, CANCEL, ERROR])
def test_after_the_dialog_has_ended_the_next_try_is_a_row_of_its_own(link: SignupLink, message: Any) -> None:
    first = begun(link)
    signups.note_message(attempt=first, message=message)

    second, _state = signups.begin(link=link, browser=ALICES_BROWSER)

    assert first != second
    first.refresh_from_db()
    assert first.said_event == message["event"]


def test_after_a_code_has_come_the_next_try_is_a_row_of_its_own(link: SignupLink) -> None:
    first = begun(link)
    assert signups.use_state(attempt=first)

    second, _state = signups.begin(link=link, browser=ALICES_BROWSER)

    assert first != second


def test_a_robot_on_an_open_link_makes_no_endless_rows(link: SignupLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signups, "MOST_TRIES", 3)
    first, _state = signups.begin(link=link, browser=ALICES_BROWSER)
    for number in range(2):
        signups.begin(link=link, browser=f"robot-{number}")

    with pytest.raises(signups.TooManyTriesError, match="ask your account manager for a new one"):
        signups.begin(link=link, browser="robot-3")

    assert SignupAttempt.objects.filter(link=link).count() == 3
    again, _state = signups.begin(link=link, browser=ALICES_BROWSER)
    assert again == first


# --- The state --------------------------------------------------------------------------------------------------------


def refused(link: SignupLink, state: str, browser: str = ALICES_BROWSER) -> str:
    """Why a state is refused; its sentence repeats nothing of it."""
    with pytest.raises(signups.StateRefusedError) as refusal:
        signups.attempt_of(link=link, state=state, browser=browser)
    assert str(refusal.value).endswith(".")
    assert not state or state not in str(refusal.value)
    return refusal.value.kind


def test_a_state_that_was_changed_is_forged(link: SignupLink) -> None:
    _attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)
    payload, _, rest = state.partition(":")

    for forged in (
        "",
        "x",
        state[:-1],
        payload,
        "W1sxLDFd:" + rest,
        f"{state}ü",
        "\ud800",
        "\0",
        "a" * 100_000,
        signing.dumps([link.pk, 1]),
        signing.dumps([link.pk, 1], salt="another"),
    ):
        assert refused(link, forged) == "forged"


def test_a_state_of_another_link_is_foreign(link: SignupLink, account_manager: User) -> None:
    other = links.make_signup_link(client=make_client(), actor=account_manager)
    _attempt, state = signups.begin(link=other, browser=ALICES_BROWSER)

    assert refused(link, state) == "foreign"


def test_a_state_of_another_browser_is_foreign(link: SignupLink) -> None:
    _attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)

    assert refused(link, state, OTHER_BROWSER) == "foreign"
    assert refused(link, state, "") == "foreign"


def test_a_state_whose_attempt_is_gone_is_foreign(link: SignupLink) -> None:
    attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)
    attempt.delete()

    assert refused(link, state) == "foreign"


def test_a_state_is_good_for_a_day(link: SignupLink) -> None:
    attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)

    with time_machine.travel(timezone.now() + datetime.timedelta(hours=23, minutes=59)):
        assert signups.attempt_of(link=link, state=state, browser=ALICES_BROWSER) == attempt
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=24, minutes=1)):
        assert refused(link, state) == "expired"


def test_a_state_is_used_once(link: SignupLink) -> None:
    attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)

    assert signups.use_state(attempt=attempt)
    assert not signups.use_state(attempt=attempt)
    assert refused(link, state) == "used"


def test_a_message_that_comes_after_the_code_is_still_heard(link: SignupLink) -> None:
    attempt, state = signups.begin(link=link, browser=ALICES_BROWSER)
    signups.use_state(attempt=attempt)

    late = signups.attempt_of(link=link, state=state, browser=ALICES_BROWSER, even_used=True)
    signups.note_message(attempt=late, message=FINISH)

    stored = SignupAttempt.objects.get()
    assert (stored.said_waba_id, stored.state, stored.ended_at) == ("1001", AttemptState.STARTED, None)


def test_a_code_that_comes_without_any_word_before_counts_as_started(link: SignupLink) -> None:
    attempt, _state = signups.begin(link=link, browser=ALICES_BROWSER)
    signups.note_message(attempt=attempt, message=CANCEL)

    signups.use_state(attempt=attempt)

    assert (attempt.state, attempt.started_at, attempt.ended_at) == (AttemptState.STARTED, attempt.opened_at, None)


# --- What the page tells ----------------------------------------------------------------------------------------------


def told(attempt: SignupAttempt, **data: object) -> SignupAttempt:
    signups.note_message(attempt=attempt, message={"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "data": data})
    return attempt


def test_opening_the_dialog_twice_keeps_the_first_time(link: SignupLink) -> None:
    attempt = begun(link)
    first = attempt.started_at

    signups.note_started(attempt=attempt)

    assert (attempt.started_at, attempt.state) == (first, AttemptState.STARTED)


def test_a_finished_dialog_fills_hints_only(link: SignupLink) -> None:
    attempt = begun(link)

    signups.note_message(attempt=attempt, message=FINISH)

    assert attempt.state == AttemptState.STARTED
    assert (attempt.said_event, attempt.said_waba_id) == ("FINISH", "1001")
    assert (attempt.said_phone_number_id, attempt.said_business_id) == ("2001", "3001")
    assert (attempt.credential, attempt.refusal, attempt.onboardings.count()) == (None, "", 0)


@pytest.mark.parametrize(
    "event",
    [
        "FINISH_ONLY_WABA",
        "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
        "FINISH_OBO_MIGRATION",
        "FINISH_GRANT_ONLY_API_ACCESS",
        "FINISH_OF_TOMORROW",
    ],
)
def test_every_kind_of_finish_is_kept_and_a_list_of_wabas_gives_its_first(link: SignupLink, event: str) -> None:
    attempt = begun(link)

    signups.note_message(
        attempt=attempt,
        message={"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": {"waba_ids": [1001, "1002"]}},
    )

    assert (attempt.said_event, attempt.said_waba_id, attempt.state) == (event, "1001", AttemptState.STARTED)


def test_leaving_the_dialog_keeps_the_step(link: SignupLink) -> None:
    attempt = begun(link)

    signups.note_message(attempt=attempt, message=CANCEL)

    assert (attempt.state, attempt.said_step) == (AttemptState.CANCELLED, "PHONE_NUMBER_SETUP")
    assert attempt.ended_at is not None


@pytest.mark.parametrize("event", ["CANCEL", "ERROR"])
def test_an_error_in_the_dialog_keeps_metas_session_for_its_support(link: SignupLink, event: str) -> None:
    attempt = begun(link)

    signups.note_message(attempt=attempt, message={**ERROR, "event": event})

    assert attempt.state == AttemptState.ERROR
    assert (attempt.said_error, attempt.said_error_code) == ("The number is in use.", "524126")
    assert attempt.said_session_id == "f34b51dab5e0498"


def test_after_done_and_the_code_another_window_is_not_heard(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=FINISH)
    assert signups.use_state(attempt=attempt)

    signups.note_message(attempt=attempt, message={**FINISH, "data": {"waba_id": "1002", "phone_number_id": "2002"}})

    assert (attempt.said_waba_id, attempt.said_phone_number_id) == ("1001", "2001")


def test_a_dialog_that_is_opened_again_after_it_was_left_is_under_way_again(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=ERROR)

    signups.note_started(attempt=attempt)
    signups.note_message(attempt=attempt, message=CANCEL)

    assert attempt.state == AttemptState.CANCELLED


def test_after_done_was_said_nothing_takes_it_back(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=FINISH)

    signups.note_message(attempt=attempt, message=CANCEL)

    assert (attempt.said_event, attempt.said_step, attempt.state) == ("FINISH", "", AttemptState.STARTED)


@pytest.mark.parametrize(
    "state",
    [
        AttemptState.FINISHED,
        AttemptState.REFUSED,
        AttemptState.FAILED,
        AttemptState.WITHOUT_NUMBER,
        AttemptState.LOST,
    ],
)
def test_no_message_changes_how_an_attempt_ended(state: AttemptState) -> None:
    attempt = make_attempt(state=state, state_used_at=timezone.now())

    signups.note_message(attempt=attempt, message=ERROR)
    signups.note_started(attempt=attempt)

    assert attempt.state == state


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "OTHER", "event": "FINISH", "data": {"waba_id": "1"}},
        {"type": "WA_EMBEDDED_SIGNUP"},
        {"type": "WA_EMBEDDED_SIGNUP", "event": ["FINISH"]},
        {"type": "WA_EMBEDDED_SIGNUP", "event": None, "data": {"waba_id": "1"}},
    ],
)
def test_what_is_no_message_of_the_signup_is_not_kept(link: SignupLink, message: Any) -> None:
    attempt = begun(link)

    signups.note_message(attempt=attempt, message=message)

    assert (attempt.said_event, attempt.said_waba_id) == ("", "")


@pytest.mark.parametrize("waba_id", ["1; DROP TABLE", "１２３", "-1", "1" * 33, True, 1.5, {"id": "1"}, [], None, ""])
def test_an_id_that_is_none_is_not_kept(link: SignupLink, waba_id: object) -> None:
    assert told(begun(link), waba_id=waba_id).said_waba_id == ""


def test_texts_are_cut_and_hold_no_control_characters_and_no_secret(link: SignupLink) -> None:
    attempt = told(
        begun(link),
        error_message=f"line one\nline\0two \ud800 with {TOKEN} " + "x" * 5000,
        session_id="s" * 5000,
        current_step="P" * 5000,
        error_code="E" * 5000,
        something_else="kept nowhere",
    )

    stored = SignupAttempt.objects.values().get()
    assert attempt.said_error.startswith("line one line two ? with [redacted]")
    lengths = (attempt.said_error, attempt.said_session_id, attempt.said_step, attempt.said_error_code)
    assert [len(text) for text in lengths] == [1000, 200, 60, 60]
    assert "kept nowhere" not in str(stored)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["waba_id", "waba_ids", "phone_number_id", "business_id", "current_step", "error_message"])


@given(event=st.sampled_from(["FINISH", "CANCEL", "ERROR"]) | st.text(), data=st.dictionaries(names, json_values))
def test_whatever_a_browser_sends_is_taken_without_a_crash(event: str, data: dict[str, object]) -> None:
    attempt = make_attempt()

    signups.note_message(attempt=attempt, message={"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data})

    attempt.full_clean(exclude=["link", "message"])
    assert attempt.said_waba_id == "" or attempt.said_waba_id.isdigit()


# --- Ending -----------------------------------------------------------------------------------------------------------


def test_a_failure_keeps_what_meta_answered(link: SignupLink) -> None:
    attempt = begun(link)
    error = Unreachable("the server was silent for too long", reason="timeout", sent=True)

    signups.fail(attempt=attempt, state=AttemptState.FAILED, refusal="no_token", error=error)

    assert (attempt.state, attempt.refusal, attempt.error_kind) == (AttemptState.FAILED, "no_token", "unreachable")
    assert attempt.message == "the server was silent for too long"
    assert attempt.ended_at is not None


def mark_lost_in(minutes: float) -> int:
    return signups.mark_lost(timezone.now() + datetime.timedelta(minutes=minutes))


def test_a_dialog_that_said_done_without_a_code_is_lost_after_two_minutes(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=FINISH)

    assert mark_lost_in(1.9) == 0
    assert mark_lost_in(2.1) == 1
    assert mark_lost_in(2.1) == 0

    attempt.refresh_from_db()
    assert attempt.state == AttemptState.LOST


def test_a_dialog_that_is_opened_again_after_it_said_done_is_lost_all_the_same(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=FINISH)
    signups.note_started(attempt=attempt)
    signups.note_message(attempt=attempt, message=CANCEL)

    assert signups.mark_lost(timezone.now() + datetime.timedelta(minutes=3)) == 1
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.LOST


def test_a_code_that_comes_late_is_still_taken(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=FINISH)
    mark_lost_in(3)

    assert signups.use_state(attempt=attempt)
    assert attempt.state == AttemptState.STARTED


def test_a_dialog_that_did_not_say_done_is_not_lost(link: SignupLink) -> None:
    begun(link)
    signups.note_message(attempt=begun(link, OTHER_BROWSER), message=CANCEL)

    assert mark_lost_in(24 * 60) == 0


def test_an_exchange_that_never_ended_is_told_as_interrupted(link: SignupLink) -> None:
    attempt = begun(link)
    signups.use_state(attempt=attempt)

    assert mark_lost_in(1.9) == 0
    assert mark_lost_in(2.1) == 1

    attempt.refresh_from_db()
    assert (attempt.state, attempt.refusal) == (AttemptState.FAILED, "interrupted")


def test_an_attempt_whose_onboarding_is_under_way_is_not_lost(link: SignupLink) -> None:
    attempt = begun(link)
    signups.note_message(attempt=attempt, message=FINISH)
    signups.use_state(attempt=attempt)
    SignupAttempt.objects.update(credential=make_credential())

    assert mark_lost_in(24 * 60) == 0


def test_an_attempt_that_staff_has_dealt_with_is_left_alone() -> None:
    now = timezone.now()
    make_attempt(link=make_signup_link(), said_event="FINISH", ended_at=now, handled_at=now)

    assert mark_lost_in(5) == 0
