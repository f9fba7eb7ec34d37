"""Each step failing in each way: what stands there, what goes on beside it, and how trying again begins there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone
from pytest_django import Settings

from clients.choices import AttemptState
from clients.models import Credential, SignupAttempt, User, Waba
from phones.actions import lost_answers
from phones.actions.number import NumberRequest, perform
from phones.choices import ActionKind, ActionState, StepKind, StepState
from phones.models import Action, Onboarding, OnboardingStep, Pin
from phones.onboarding import progress, run, steps
from phones.onboarding.words import explained
from tests.phones.onboarding.signing_up import ALL_DONE, later, posts, states, step, the_number, work
from tests.practice import Practice

SignUp = Callable[..., Onboarding]
Answer = dict[str, Any]

SERVER_ERROR: Answer = {"status": 500, "body": {"error": {"message": "An unknown error occurred", "code": 1}}}
GATEWAY: Answer = {"status": 502, "body": "<html>Bad gateway</html>"}
LOST: Answer = {"lose_reply": True}
CUT_OFF: Answer = {"close": True}
DEAD_TOKEN: Answer = {"graph_error": {"code": 190, "error_subcode": 460, "message": "The session is invalid"}}
THROTTLED: Answer = {"graph_error": {"code": 80008, "message": "Too many calls to this account"}}
REFUSED: Answer = {"graph_error": {"code": 200, "message": "You do not have the necessary permissions"}}

PASSING = {"server error": SERVER_ERROR, "gateway": GATEWAY, "cut off": CUT_OFF, "throttled": THROTTLED}
FINAL = {"dead token": (DEAD_TOKEN, "token_dead"), "refused": (REFUSED, "permission_missing")}


@pytest.fixture(autouse=True)
def _credit_line(app: Practice, settings: Settings) -> None:
    settings.META_EXTENDED_CREDIT_ID = app.credentials.extended_credit_id


@pytest.fixture(autouse=True)
def _quick(app: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of little patience in place of the process's own."""
    for module in (
        "phones.onboarding.steps",
        "phones.onboarding.accounts",
        "clients.access",
        "phones.events.subscriptions",
        "phones.sync.ask_now",
    ):
        monkeypatch.setattr(f"{module}.graph_client", lambda: app.client)


EVERYTHING = {**ALL_DONE, "credit_line": "done"}

# Where each step's own call goes.
WRITES = {
    StepKind.SUBSCRIPTION: "/subscribed_apps",
    StepKind.CREDIT_LINE: "/whatsapp_credit_sharing_and_attach",
    StepKind.REGISTRATION: "/register",
}


def paths_of(onboarding: Onboarding) -> dict[StepKind, str]:
    """The end of the address that only this step's reading asks."""
    attempt = onboarding.attempt
    assert attempt is not None
    return {
        StepKind.ACCOUNT: f"v25.0/{attempt.said_waba_id}",
        StepKind.NUMBERS: f"{attempt.said_waba_id}/phone_numbers",
    }


# --- Readings ---------------------------------------------------------------------------------------------------------


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


# --- What changes Meta ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize(
    ("trouble", "error_kind"),
    [*FINAL.values(), (THROTTLED, "throttled")],
    ids=[*FINAL, "throttled"],
)
def test_a_change_that_meta_refuses_is_not_sent_again_until_a_person_wants_it(
    app: Practice, sign_up: SignUp, lead: User, kind: StepKind, trouble: Answer, error_kind: str
) -> None:
    onboarding = sign_up()
    app.fault(trouble, path_contains=WRITES[kind], method="POST")

    onboarding = work(onboarding)

    row = step(onboarding, kind)
    assert (row.state, row.error_kind, onboarding.due_at) == (StepState.FAILED, error_kind, None)
    assert states(onboarding) == {**EVERYTHING, kind.value: "failed"}
    assert explained(row) is not None
    later(onboarding)
    assert run.work(seconds=1) == 0
    own = WRITES[kind].strip("/")
    assert posts(app).count(own) == 1

    app.heal()
    Action.objects.update(retry_at=None)
    run.retry(onboarding=onboarding, step=row, user=lead)
    onboarding = work(onboarding)
    assert states(onboarding) == EVERYTHING
    assert onboarding.finished_at is not None
    assert posts(app).count(own) == 2
    assert len(posts(app)) == 4


def test_a_subscription_whose_answer_was_lost_is_settled_by_looking(app: Practice, sign_up: SignUp) -> None:
    app.fault(LOST, path_contains="/subscribed_apps", method="POST")
    onboarding = work(sign_up())
    assert states(onboarding) == EVERYTHING
    assert posts(app).count("subscribed_apps") == 1


def test_a_subscription_that_was_lost_on_the_way_is_a_persons_after_a_minute(
    app: Practice, sign_up: SignUp, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.fault(CUT_OFF, path_contains="/subscribed_apps", method="POST")
    onboarding = work(sign_up())
    row = step(onboarding, StepKind.SUBSCRIPTION)
    assert (row.state, row.retry_at is not None) == (StepState.UNKNOWN, True)
    assert states(onboarding)["registration"] == "done"
    later(onboarding)
    assert step(work(onboarding), StepKind.SUBSCRIPTION).state == StepState.UNKNOWN, "the minute is not over"

    app.heal()
    Action.objects.filter(kind=ActionKind.SUBSCRIBE).update(sent_at=timezone.now() - lost_answers.GRACE)
    later(onboarding)
    row = step(work(onboarding), StepKind.SUBSCRIPTION)
    assert (row.state, row.error_kind) == (StepState.FAILED, "not_done")
    assert posts(app).count("subscribed_apps") == 1

    run.retry(onboarding=onboarding, step=row, user=lead)
    assert states(work(onboarding)) == EVERYTHING
    assert posts(app).count("subscribed_apps") == 2


def test_a_credit_line_whose_answer_was_lost_is_left_to_a_person(app: Practice, sign_up: SignUp, lead: User) -> None:
    app.fault(LOST, path_contains="/whatsapp_credit", method="POST")
    onboarding = work(sign_up())
    row = step(onboarding, StepKind.CREDIT_LINE)
    assert (row.state, row.retry_at, onboarding.due_at) == (StepState.UNKNOWN, None, None)
    assert states(onboarding) == {**EVERYTHING, "credit_line": "unknown"}
    later(onboarding)
    assert run.work(seconds=1) == 0
    assert posts(app).count("whatsapp_credit_sharing_and_attach") == 1


def test_a_credit_line_in_doubt_is_not_shared_by_the_next_signup_either(app: Practice, sign_up: SignUp) -> None:
    app.fault(LOST, path_contains="/whatsapp_credit", method="POST")
    first = work(sign_up())
    assert first.waba is not None
    app.heal()
    second = work(sign_up(waba=first.waba.waba_id))
    assert step(second, StepKind.CREDIT_LINE).state == StepState.UNKNOWN
    assert posts(app).count("whatsapp_credit_sharing_and_attach") == 0


def test_an_account_without_a_currency_gets_no_credit_line(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up()
    app.fault(REFUSED, path_contains=paths_of(onboarding)[StepKind.NUMBERS], method="GET")
    onboarding = work(onboarding)
    Waba.objects.update(currency=None)
    OnboardingStep.objects.filter(kind=StepKind.CREDIT_LINE).update(state=StepState.WAITING, details={}, action=None)
    Action.objects.filter(kind=ActionKind.SHARE_CREDIT_LINE).delete()
    Onboarding.objects.update(due_at=onboarding.created_at)
    row = step(work(onboarding), StepKind.CREDIT_LINE)
    assert (row.state, row.error_kind) == (StepState.FAILED, "no_currency")


def test_a_registration_whose_answer_was_lost_is_settled_by_the_number(app: Practice, sign_up: SignUp) -> None:
    app.fault(LOST, path_contains="/register", method="POST")
    onboarding = work(sign_up())
    assert states(onboarding) == EVERYTHING
    assert Action.objects.get(kind=ActionKind.REGISTER).settled_by_reading
    assert posts(app).count("register") == 1


def test_a_registration_that_was_lost_on_the_way_is_looked_at_until_it_is_settled(
    app: Practice, sign_up: SignUp, lead: User
) -> None:
    app.fault(CUT_OFF, path_contains="/register", method="POST")
    onboarding = work(sign_up())
    row = step(onboarding, StepKind.REGISTRATION)
    assert row.state == StepState.RUNNING
    assert row.action is not None
    assert onboarding.due_at is not None
    app.heal()
    sent_at = row.action.sent_at
    assert sent_at is not None
    Action.objects.filter(pk=row.action.pk).update(sent_at=sent_at - lost_answers.GRACE)
    later(onboarding)
    row = step(work(onboarding), StepKind.REGISTRATION)
    assert row.state == StepState.FAILED
    assert posts(app).count("register") == 1

    run.retry(onboarding=onboarding, step=row, user=lead)
    onboarding = work(onboarding)
    assert states(onboarding) == EVERYTHING
    assert posts(app).count("register") == 2
    assert Action.objects.filter(kind=ActionKind.REGISTER).latest("pk").requested_by == lead


def test_a_registration_that_a_guard_holds_back_says_why_and_sends_nothing(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up()
    assert onboarding.attempt is not None
    app.change(onboarding.attempt.said_phone_number_id, is_pin_enabled=True)
    row = step(work(onboarding), StepKind.REGISTRATION)
    assert (row.state, row.error_kind) == (StepState.FAILED, "guard")
    assert "PIN" in row.message
    assert not Action.objects.filter(kind=ActionKind.REGISTER).exists()
    assert not Pin.objects.exists()
    assert "register" not in posts(app)


def test_a_registration_that_meta_refuses_keeps_metas_words(app: Practice, sign_up: SignUp) -> None:
    app.fault(
        {"graph_error": {"code": 100, "error_subcode": 2388001, "message": "Cannot Create Certificate"}},
        path_contains="/register",
    )
    row = step(work(sign_up()), StepKind.REGISTRATION)
    assert (row.state, row.error_kind) == (StepState.FAILED, "certificate_error")
    assert row.action is not None
    assert row.action.state == ActionState.FAILED
    words = explained(row)
    assert words is not None
    assert "certificate" in words.title


def test_a_persons_registration_in_between_is_followed_and_none_is_sent_beside_it(
    app: Practice, sign_up: SignUp, lead: User
) -> None:
    app.fault(REFUSED, path_contains="/register", method="POST")
    onboarding = work(sign_up())
    app.heal()
    number = the_number(onboarding)
    request = NumberRequest(
        key=onboarding.public_id, kind=ActionKind.REGISTER, number=number, user=lead, generate_pin=True
    )
    assert perform(request).state == ActionState.SUCCEEDED
    assert run.resume_waiting() == 1
    onboarding.refresh_from_db()
    assert onboarding.finished_at is not None
    assert posts(app).count("register") == 2


# --- Trying again -----------------------------------------------------------------------------------------------------


def test_only_a_step_that_came_to_nothing_can_be_tried_again(sign_up: SignUp, lead: User) -> None:
    onboarding = sign_up(number="unverified")
    with pytest.raises(run.NothingToRetryError):
        run.retry(onboarding=onboarding, step=step(onboarding, StepKind.NUMBERS), user=lead)
    onboarding = work(onboarding)
    with pytest.raises(run.NothingToRetryError):
        run.retry(onboarding=onboarding, step=step(onboarding, StepKind.ACCOUNT), user=lead)
    run.retry(onboarding=onboarding, step=step(onboarding, StepKind.REGISTRATION), user=lead)
    with pytest.raises(run.NothingToRetryError):
        run.retry(onboarding=onboarding, step=step(onboarding, StepKind.REGISTRATION), user=lead)


def test_nothing_is_tried_again_in_a_closed_onboarding(app: Practice, sign_up: SignUp, lead: User) -> None:
    app.fault(REFUSED, path_contains="/register", method="POST")
    onboarding = work(sign_up())
    run.dismiss(onboarding=onboarding, user=lead)
    with pytest.raises(run.NothingToRetryError):
        run.retry(onboarding=onboarding, step=step(onboarding, StepKind.REGISTRATION), user=lead)
    onboarding.refresh_from_db()
    assert onboarding.dismissed_by == lead


def test_a_fault_of_ours_in_one_step_hides_no_other(
    app: Practice, sign_up: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setitem(steps.STEPS, StepKind.CREDIT_LINE, broken)
    onboarding = work(sign_up())
    row = step(onboarding, StepKind.CREDIT_LINE)
    assert (row.state, row.error_kind, row.message) == (StepState.WAITING, "internal", "RuntimeError")
    assert states(onboarding)["registration"] == "done"


def test_a_token_that_can_not_be_decrypted_says_so(app: Practice, sign_up: SignUp, settings: Settings) -> None:
    onboarding = sign_up()
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    row = step(work(onboarding), StepKind.ACCOUNT)
    assert (row.state, row.error_kind) == (StepState.FAILED, "secret_unreadable")
    assert app.calls() == []


def test_nothing_secret_is_in_a_step_or_in_the_log(
    app: Practice, sign_up: SignUp, caplog: pytest.LogCaptureFixture
) -> None:
    app.fault(REFUSED, path_contains="/subscribed_apps", method="POST")
    onboarding = sign_up()
    assert onboarding.credential is not None
    token = onboarding.credential.open_token()
    onboarding = work(onboarding)
    rows = "".join(str(row) for row in onboarding.steps.values())
    assert token not in rows
    assert token not in caplog.text
    pin = Pin.objects.get()
    assert pin.pin_sealed not in rows
    assert app.credentials.app_secret not in rows + caplog.text
