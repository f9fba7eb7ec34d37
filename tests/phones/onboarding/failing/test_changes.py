"""A change at Meta that fails in each way: sent once, settled by looking, or left to a person."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients.models import User, Waba
from phones.actions import lost_answers
from phones.actions.number import NumberRequest, perform
from phones.choices import ActionKind, ActionState, StepKind, StepState
from phones.models import Action, Onboarding, OnboardingStep, Pin
from phones.onboarding import run
from phones.onboarding.words import explained
from tests.phones.onboarding.failing.troubles import (
    CUT_OFF,
    EVERYTHING,
    FINAL,
    LOST,
    REFUSED,
    THROTTLED,
    WRITES,
    Answer,
    SignUp,
    paths_of,
)
from tests.phones.onboarding.signing_up import later, posts, states, step, the_number, work
from tests.practice import Practice


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
