"""One try at Embedded Signup: who began it, whose its state is, and how it ends."""

import datetime
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from clients import links, signups
from clients.choices import AttemptState
from clients.models import SignupAttempt, SignupLink, User
from portal.graph.errors import Unreachable
from tests.clients.signing_up import ALICES_BROWSER, CANCEL, ERROR, FINISH, OTHER_BROWSER, begun
from tests.factories import make_attempt, make_client, make_credential, make_signup_link

pytestmark = pytest.mark.django_db


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
