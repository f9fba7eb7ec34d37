"""What can be tried again, and what a step that failed says: faults of ours too, and nothing secret."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from clients.models import User
from phones.choices import StepKind, StepState
from phones.models import Pin
from phones.onboarding import run, steps
from tests.phones.onboarding.failing.troubles import REFUSED, SignUp
from tests.phones.onboarding.signing_up import states, step, work
from tests.practice import Practice


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
