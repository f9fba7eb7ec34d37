"""A reading that fails in each way: what stands there, what goes on beside it, and when it comes again."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from clients.choices import AttemptState
from clients.models import Credential, SignupAttempt, User, Waba
from phones.choices import StepKind, StepState
from phones.onboarding import progress, run
from phones.onboarding.words import explained
from tests.phones.onboarding.failing.troubles import (
    EVERYTHING,
    FINAL,
    PASSING,
    REFUSED,
    SERVER_ERROR,
    THROTTLED,
    Answer,
    SignUp,
    paths_of,
)
from tests.phones.onboarding.signing_up import later, posts, states, step, work
from tests.practice import Practice


@pytest.mark.parametrize("kind", [StepKind.ACCOUNT, StepKind.NUMBERS])
@pytest.mark.parametrize("trouble", PASSING.values(), ids=PASSING.keys())
def test_a_reading_that_fails_in_passing_comes_again_by_itself(
    app: Practice, sign_up: SignUp, kind: StepKind, trouble: Answer
) -> None:
    onboarding = sign_up()
    path = paths_of(onboarding)[kind]
    app.fault(trouble, times=2 if trouble is not THROTTLED else 1, path_contains=path, method="GET")

    onboarding = work(onboarding)

    row = step(onboarding, kind)
    assert row.state == StepState.WAITING
    assert row.error_kind
    assert row.retry_at is not None
    assert onboarding.due_at is not None
    assert onboarding.due_at == row.retry_at
    assert explained(row) is not None
    app.heal()
    later(onboarding)
    assert states(work(onboarding)) == EVERYTHING
    assert posts(app) == ["subscribed_apps", "whatsapp_credit_sharing_and_attach", "register"]
    assert step(onboarding, kind).error_kind == ""


@pytest.mark.parametrize("kind", [StepKind.ACCOUNT, StepKind.NUMBERS])
@pytest.mark.parametrize(("trouble", "error_kind"), FINAL.values(), ids=FINAL.keys())
def test_a_reading_that_meta_refuses_waits_for_a_person_and_goes_on_from_there(
    app: Practice, sign_up: SignUp, lead: User, kind: StepKind, trouble: Answer, error_kind: str
) -> None:
    onboarding = sign_up()
    app.fault(trouble, path_contains=paths_of(onboarding)[kind], method="GET")
    onboarding = work(onboarding)
    row = step(onboarding, kind)
    assert (row.state, row.error_kind, onboarding.due_at) == (StepState.FAILED, error_kind, None)
    assert row.fbtrace_id

    app.heal()
    run.retry(onboarding=onboarding, step=row, user=lead)
    assert states(work(onboarding)) == EVERYTHING
    assert sorted(posts(app)) == ["register", "subscribed_apps", "whatsapp_credit_sharing_and_attach"]


def test_numbers_that_cannot_be_listed_hold_up_neither_events_nor_the_credit_line(
    app: Practice, sign_up: SignUp
) -> None:
    onboarding = sign_up()
    app.fault(REFUSED, path_contains=paths_of(onboarding)[StepKind.NUMBERS], method="GET")
    found = states(work(onboarding))
    assert (found["subscription"], found["credit_line"], found["numbers"]) == ("done", "done", "failed")
    assert found["registration"] == "waiting"
    assert Waba.objects.get().last_failure is None, "the failure is the signup's token's, not the WABA's"


def test_pauses_grow_and_end_with_a_person(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up()
    app.fault(SERVER_ERROR, path_contains=paths_of(onboarding)[StepKind.ACCOUNT], method="GET")
    pauses = []
    while (row := step(work(onboarding), StepKind.ACCOUNT)).state == StepState.WAITING:
        assert row.retry_at is not None
        assert row.started_at is not None
        pauses.append(progress.pause(row.tries))
        later(onboarding)
    assert len(pauses) == progress.MOST_TRIES - 1
    assert pauses == sorted(set(pauses))
    assert row.state == StepState.FAILED


def test_an_access_that_could_not_be_inspected_at_once_is_inspected_by_the_worker(
    app: Practice, sign_up: SignUp
) -> None:
    app.fault(SERVER_ERROR, path_contains="debug_token")
    onboarding = sign_up()
    assert states(onboarding)["access"] == "waiting"
    assert states(work(onboarding))["access"] == "waiting"
    app.heal()
    later(onboarding)
    assert states(work(onboarding)) == EVERYTHING


def test_a_token_of_another_app_that_is_found_out_late_is_thrown_away(
    app: Practice, sign_up: SignUp, settings: Settings
) -> None:
    app.fault(SERVER_ERROR, path_contains="debug_token")
    onboarding = sign_up(token_app="foreign")
    app.heal()
    onboarding = work(onboarding)
    assert step(onboarding, StepKind.ACCESS).error_kind == "other_app"
    assert onboarding.credential is None
    assert onboarding.dismissed_at is not None
    assert not Credential.objects.filter(kind="business").exists()
    attempt = SignupAttempt.objects.get()
    assert (attempt.state, attempt.refusal) == (AttemptState.REFUSED, "other_app")
    assert not Waba.objects.exists()


def test_a_token_that_was_revoked_right_away_leaves_nothing_to_try(app: Practice, sign_up: SignUp) -> None:
    app.fault(SERVER_ERROR, path_contains="debug_token")
    onboarding = sign_up()
    app.heal()
    app.control("POST", "tokens/signup:1", {"state": "revoked"})
    onboarding = work(onboarding)
    row = step(onboarding, StepKind.ACCESS)
    assert (row.state, row.error_kind) == (StepState.FAILED, "token_dead")
