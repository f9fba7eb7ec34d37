"""What the page of a signup tells of Meta's dialog: kept as a hint, and not believed too much."""

from typing import Any

import hypothesis
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clients import signups
from clients.choices import AttemptState
from clients.models import SignupAttempt, SignupLink
from tests.clients.signing_up import CANCEL, ERROR, FINISH, begun
from tests.factories import TOKEN, make_attempt

pytestmark = pytest.mark.django_db


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


def test_every_id_is_kept_by_its_name_also_of_accounts_that_the_desk_does_not_know_yet(link: SignupLink) -> None:
    attempt = begun(link)
    data = {
        "waba_ids": ["1001", "1002"],
        "primary_waac_ids": [7001],
        "waac_id": "7002",
        "page_ids": ["x"],
        "current": 1,
    }
    message = {"type": "WA_EMBEDDED_SIGNUP", "event": "FINISH", "version": 5, "data": data}

    signups.note_message(attempt=attempt, message=message)

    assert attempt.said_ids == {"waba_ids": ["1001", "1002"], "primary_waac_ids": ["7001"], "waac_id": ["7002"]}
    assert (attempt.said_version, attempt.said_waba_id) == ("5", "1001")

    told(attempt, waba_ids=["1003", "1002"])
    assert attempt.said_ids["waba_ids"] == ["1001", "1002", "1003"]


def test_however_many_messages_a_page_sends_no_more_than_some_ids_are_kept(link: SignupLink) -> None:
    attempt = begun(link)
    for start in range(0, 200, 50):
        told(attempt, waba_ids=list(range(1, 90)), **{f"a{number}_id": "1" for number in range(start, start + 50)})

    assert len(attempt.said_ids) == 50
    assert len(attempt.said_ids["waba_ids"]) == 50


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


@hypothesis.settings(max_examples=40)
@given(event=st.sampled_from(["FINISH", "CANCEL", "ERROR"]) | st.text(), data=st.dictionaries(names, json_values))
def test_whatever_a_browser_sends_is_taken_without_a_crash(event: str, data: dict[str, object]) -> None:
    attempt = make_attempt()

    signups.note_message(attempt=attempt, message={"type": "WA_EMBEDDED_SIGNUP", "event": event, "data": data})

    attempt.full_clean(exclude=["link", "message"])
    assert attempt.said_waba_id == "" or attempt.said_waba_id.isdigit()
