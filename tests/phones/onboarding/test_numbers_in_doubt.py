"""Numbers that the dialog told of and Meta does not show (yet): nothing is taken for a "no" too early."""

from __future__ import annotations

from collections.abc import Callable

from clients.choices import AttemptState
from clients.models import SignupAttempt, User
from phones.choices import StepKind
from phones.models import Onboarding
from phones.onboarding import run, steps
from tests.phones.onboarding.signing_up import ALL_DONE, later, posts, states, step, work
from tests.practice import Practice

SignUp = Callable[..., Onboarding]


def test_a_number_that_is_said_to_stay_on_the_app_is_not_taken_off_it_when_meta_does_not_tell(
    app: Practice, sign_up: SignUp
) -> None:
    onboarding = sign_up()
    SignupAttempt.objects.update(said_event="FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING")

    onboarding = work(onboarding)

    held = step(onboarding, StepKind.REGISTRATION)
    assert (held.state, held.error_kind) == ("failed", "guard")
    assert "WhatsApp Business app" in held.message
    assert "register" not in posts(app)


def test_a_person_may_have_it_registered_all_the_same(app: Practice, sign_up: SignUp, lead: User) -> None:
    onboarding = sign_up()
    SignupAttempt.objects.update(said_event="FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING")
    onboarding = work(onboarding)

    run.retry(onboarding=onboarding, step=step(onboarding, StepKind.REGISTRATION), user=lead)

    assert states(work(onboarding)) == ALL_DONE
    assert posts(app).count("register") == 1


def test_a_number_that_the_dialog_told_of_is_looked_for_until_meta_lists_it(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up(outcome="only_waba")
    SignupAttempt.objects.update(said_phone_number_id="2001")

    onboarding = work(onboarding)
    assert states(onboarding)["numbers"] == "waiting"
    assert SignupAttempt.objects.get().state == AttemptState.STARTED
    said = SignupAttempt.objects.get().said_waba_id
    values = {"code_verification_status": "VERIFIED", "name_status": "APPROVED"}
    app.control("POST", f"wabas/{said}/numbers", {"set": values})
    later(onboarding)

    assert states(work(onboarding)) == ALL_DONE
    assert SignupAttempt.objects.get().state == AttemptState.FINISHED


def test_a_number_that_never_shows_up_is_looked_for_a_few_times_only(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up(outcome="only_waba")
    SignupAttempt.objects.update(said_phone_number_id="2001")

    for _look in range(steps.LOOKS):
        assert SignupAttempt.objects.get().state == AttemptState.STARTED
        onboarding = work(onboarding)
        later(onboarding)

    assert states(onboarding) == {**ALL_DONE, "registration": "client"}
    assert SignupAttempt.objects.get().state == AttemptState.WITHOUT_NUMBER
