"""Which numbers of an account are taken up, and signups that never reached us."""

from __future__ import annotations

from django.utils import timezone

from clients import signups
from clients.choices import AttemptState
from clients.models import Client, SignupAttempt, SignupLink, User, Waba
from phones import tasks
from phones.choices import StepKind
from phones.models import CodeLink
from phones.numbers.lifecycle import Stage
from phones.onboarding import claiming, run
from tests.factories import make_waba
from tests.phones.onboarding.signing_up import (
    ALL_DONE,
    finish_signup,
    later,
    long_ago,
    posts,
    start_signup,
    states,
    step,
    the_number,
    work,
)
from tests.phones.onboarding.test_whole_way import SignUp
from tests.practice import Practice


def test_a_signup_without_a_number_waits_for_the_client_and_takes_up_a_number_that_appears(
    app: Practice, sign_up: SignUp
) -> None:
    onboarding = work(sign_up(outcome="only_waba"))
    assert states(onboarding) == {**ALL_DONE, "registration": "client"}
    assert onboarding.finished_at is None
    assert onboarding.due_at is None
    assert SignupAttempt.objects.get().state == AttemptState.WITHOUT_NUMBER

    assert onboarding.waba is not None
    values = {"code_verification_status": "VERIFIED", "name_status": "APPROVED"}
    app.control("POST", f"wabas/{onboarding.waba.waba_id}/numbers", {"set": values})
    app.sync(onboarding.waba.waba_id)
    assert run.resume_waiting() == 1
    onboarding = work(onboarding)
    assert states(onboarding)["registration"] == "done"
    assert onboarding.finished_at is not None
    assert SignupAttempt.objects.get().state == AttemptState.FINISHED


def test_an_unverified_number_waits_for_the_client_with_a_code_link(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up(number="unverified"))
    registration = step(onboarding, StepKind.REGISTRATION)
    assert (registration.state, onboarding.due_at) == ("client", None)
    assert CodeLink.objects.open().get().number == registration.number
    assert posts(app) == ["subscribed_apps"]


def test_a_number_that_was_verified_meanwhile_is_registered(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up(number="unverified"))
    number = the_number(onboarding)
    app.change(number.phone_number_id, code_verification_status="VERIFIED")
    app.sync(number.waba.waba_id)
    assert run.resume_waiting() == 1
    assert states(work(onboarding))["registration"] == "done"
    assert posts(app).count("register") == 1


def test_a_number_that_was_registered_elsewhere_ends_the_waiting(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up(number="unverified"))
    number = the_number(onboarding)
    app.change(number.phone_number_id, status="CONNECTED", platform_type="CLOUD_API")
    app.sync(number.waba.waba_id)
    tasks.tick()
    onboarding.refresh_from_db()
    assert onboarding.finished_at is not None
    assert "register" not in posts(app)


def test_a_number_of_the_business_app_is_left_to_the_app(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up(outcome="coexistence"))
    assert states(onboarding) == {**ALL_DONE, "registration": "not_needed"}
    assert "register" not in posts(app)


def test_a_number_that_is_registered_already_is_left_as_it_is(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up()
    assert onboarding.attempt is not None
    app.change(onboarding.attempt.said_phone_number_id, status="CONNECTED", platform_type="CLOUD_API")
    assert states(work(onboarding)) == {**ALL_DONE, "registration": "not_needed"}
    assert "register" not in posts(app)


def test_a_preverified_number_needs_no_code(app: Practice, sign_up: SignUp) -> None:
    pool = app.control("GET", "preverified")["preverified"]
    chosen = next(one["id"] for one in pool if one["values"]["code_verification_status"] == "VERIFIED")
    onboarding = work(sign_up(number="preverified", preverified_id=chosen))
    assert states(onboarding) == ALL_DONE


def test_every_number_of_the_signup_has_a_step_of_its_own_and_older_ones_have_none(
    app: Practice, link: SignupLink, baker: Client
) -> None:
    first = work(finish_signup(app, link))
    assert first.waba is not None
    old = the_number(first)
    long_ago(app, old)
    fresh = timezone.now().strftime("%Y-%m-%dT%H:%M:%S+0000")
    wish = {"code_verification_status": "NOT_VERIFIED", "last_onboarded_time": fresh}
    onboarding = finish_signup(app, link, waba=first.waba.waba_id)
    app.control("POST", f"wabas/{first.waba.waba_id}/numbers", {"set": wish})

    onboarding = work(onboarding)

    registrations = onboarding.steps.filter(kind=StepKind.REGISTRATION)
    assert sorted(registrations.values_list("state", flat=True)) == ["client", "done"]
    assert old.pk not in registrations.values_list("number", flat=True)
    assert onboarding.finished_at is None


# --- Signups that never reached us ------------------------------------------------------------------------------------


def test_a_signup_that_never_reached_us_is_onboarded_once_it_is_claimed(
    app: Practice, link: SignupLink, lead: User, baker: Client
) -> None:
    attempt = start_signup(link)
    ending = app.control("POST", "signups", {"outcome": "lost_callback"})
    signups.note_message(attempt=attempt, message=ending["message"])
    signups.mark_lost(timezone.now() + signups.PATIENCE)
    app.sync()
    waba = Waba.objects.get(waba_id=ending["waba_id"])
    attempt.refresh_from_db()

    onboarding = work(claiming.claim(attempt=attempt, waba=waba, actor=lead))

    assert states(onboarding) == ALL_DONE
    assert (the_number(onboarding).phone_number_id, the_number(onboarding).stage) == (
        ending["phone_number_id"],
        Stage.REGISTERED,
    )
    waba.refresh_from_db()
    assert waba.client == baker
    assert SignupAttempt.objects.get().state == AttemptState.FINISHED


# --- Signups that nobody asked for ------------------------------------------------------------------------------------


def test_a_waba_connected_by_hand_is_not_touched_by_anothers_attempt(app: Practice, link: SignupLink) -> None:
    bystander = make_waba()
    start_signup(link)
    assert run.work(seconds=1) == 0
    bystander.refresh_from_db()
    assert bystander.lease_token is None


def test_a_dismissed_onboarding_is_left_alone(app: Practice, sign_up: SignUp, baker: Client) -> None:
    onboarding = sign_up()
    assert baker.owner is not None
    run.dismiss(onboarding=onboarding, user=baker.owner)
    later(onboarding)
    assert run.work(seconds=1) == 0
    assert app.calls() == []
