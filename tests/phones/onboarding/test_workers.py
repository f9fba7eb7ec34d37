"""Workers that die, workers that meet, and the clock: an onboarding is carried out once, whoever carries it out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from clients import links
from clients.choices import AttemptState, Role
from clients.models import SignupAttempt, SignupLink, User, Waba
from phones import tasks
from phones.choices import ActionKind, StepKind, StepState
from phones.models import Action, Heartbeat, Onboarding, PhoneNumber
from phones.onboarding import run
from portal.celery import app as celery
from portal.graph import GraphClient
from portal.graph.writes import GraphWriter
from tests.factories import make_client, make_person
from tests.phones.onboarding.signing_up import ALL_DONE, finish_signup, later, posts, start_signup, states, step, work
from tests.practice import Practice

SignUp = Callable[..., Onboarding]
EVERYTHING = {**ALL_DONE, "credit_line": "done"}
CALLS = {
    "subscribe_app": ("subscribed_apps", StepKind.SUBSCRIPTION),
    "share_credit_line": ("whatsapp_credit_sharing_and_attach", StepKind.CREDIT_LINE),
    "register": ("register", StepKind.REGISTRATION),
}


class Killed(BaseException):
    """The worker's process is gone: nothing of it runs any more."""


def dies(monkeypatch: pytest.MonkeyPatch, method: str, *, after: bool) -> None:
    """Let the next worker die in this call to Meta, before it goes out or when Meta has carried it out."""
    kind = GraphClient if hasattr(GraphClient, method) else GraphWriter
    real = getattr(kind, method)

    def call(self: object, *given: Any, **named: Any) -> object:
        monkeypatch.setattr(kind, method, real)
        if after:
            real(self, *given, **named)
        raise Killed

    monkeypatch.setattr(kind, method, call)


@pytest.fixture(autouse=True)
def _credit_line(app: Practice, settings: Settings) -> None:
    settings.META_EXTENDED_CREDIT_ID = app.credentials.extended_credit_id


def killed_in(onboarding: Onboarding, monkeypatch: pytest.MonkeyPatch, method: str, *, after: bool = False) -> None:
    dies(monkeypatch, method, after=after)
    with pytest.raises(Killed):
        work(onboarding)
    assert run.work(seconds=1) == 0, "the dead worker's hold is not over"
    later(onboarding)


@pytest.mark.parametrize("method", ["waba", "phone_numbers", "subscribed_apps"])
def test_a_worker_that_dies_while_reading_is_followed_by_another(
    sign_up: SignUp, app: Practice, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    onboarding = sign_up()
    killed_in(onboarding, monkeypatch, method)
    Waba.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert states(work(onboarding)) == EVERYTHING
    assert sorted(posts(app)) == ["register", "subscribed_apps", "whatsapp_credit_sharing_and_attach"]


@pytest.mark.parametrize("method", CALLS)
def test_what_a_dead_worker_had_sent_is_not_sent_again(
    sign_up: SignUp, app: Practice, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    onboarding = sign_up()
    killed_in(onboarding, monkeypatch, method, after=True)
    # An action that nobody wrote an answer for is looked at when its process is surely gone.
    Action.objects.update(created_at=timezone.now() - timedelta(minutes=5))

    found = states(work(onboarding))

    address, kind = CALLS[method]
    assert posts(app).count(address) == 1
    if kind == StepKind.CREDIT_LINE:
        assert found == {**EVERYTHING, "credit_line": "unknown"}
    else:
        assert found == EVERYTHING


@pytest.mark.parametrize("method", CALLS)
def test_what_a_dead_worker_may_have_sent_is_never_sent_by_itself(
    sign_up: SignUp, app: Practice, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    onboarding = sign_up()
    killed_in(onboarding, monkeypatch, method)
    long_ago = timezone.now() - timedelta(minutes=5)
    Action.objects.update(created_at=long_ago, sent_at=long_ago)

    for _turn in range(3):
        onboarding = work(onboarding)
        later(onboarding)

    address, kind = CALLS[method]
    assert address not in posts(app)
    wanted = StepState.UNKNOWN if kind == StepKind.CREDIT_LINE else StepState.FAILED
    assert step(onboarding, kind).state == wanted
    assert states(onboarding) == {**EVERYTHING, kind.value: wanted.value}


def test_a_step_that_takes_its_worker_down_time_and_again_is_set_aside(
    sign_up: SignUp, app: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    onboarding = sign_up()
    for _time in range(8):
        killed_in(onboarding, monkeypatch, "waba")
    row = step(work(onboarding), StepKind.ACCOUNT)
    assert (row.state, row.error_kind) == (StepState.FAILED, "worker_lost")


def test_a_worker_that_lost_its_hold_changes_nothing(sign_up: SignUp, monkeypatch: pytest.MonkeyPatch) -> None:
    onboarding = sign_up()
    real = GraphClient.waba

    def slow(self: GraphClient, *given: Any, **named: Any) -> object:
        Onboarding.objects.update(lease_token=None, lease_until=None, due_at=None)
        return real(self, *given, **named)

    monkeypatch.setattr(GraphClient, "waba", slow)
    work(onboarding)
    assert step(onboarding, StepKind.ACCOUNT).state == StepState.RUNNING
    assert not Waba.objects.exists()
    monkeypatch.undo()


def test_a_waba_that_the_sync_reads_at_this_moment_is_waited_for(sign_up: SignUp, app: Practice) -> None:
    onboarding = sign_up()
    app.fault({"status": 500, "body": {}}, path_contains="/phone_numbers")
    work(onboarding)
    app.heal()
    Waba.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    later(onboarding)
    row = step(work(onboarding), StepKind.NUMBERS)
    assert row.state == StepState.RUNNING
    assert row.retry_at is not None
    assert not PhoneNumber.objects.exists()
    Waba.objects.update(lease_until=None)
    later(onboarding)
    assert states(work(onboarding)) == EVERYTHING


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_do_everything_once(app: Practice) -> None:
    lead = make_person("tilda", Role.TEAM_LEAD)
    link = links.make_signup_link(client=make_client("Quay Cafe", owner=lead), actor=lead)
    onboarding = finish_signup(app, link)
    start = threading.Barrier(4)
    done: list[int] = []

    def worker() -> None:
        try:
            start.wait()
            done.append(run.work(seconds=10))
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert sorted(done) == [0, 0, 0, 1]
    assert states(onboarding) == EVERYTHING
    assert sorted(posts(app)) == ["register", "subscribed_apps", "whatsapp_credit_sharing_and_attach"]


def test_two_workers_with_the_same_registration_are_one_action(
    sign_up: SignUp, app: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    onboarding = sign_up()
    real = GraphWriter.register

    def register(self: GraphWriter, *given: Any, **named: Any) -> None:
        monkeypatch.setattr(GraphWriter, "register", real)
        Onboarding.objects.update(lease_until=timezone.now() - timedelta(seconds=1), due_at=timezone.now())
        work(onboarding)  # another worker takes the onboarding over while Meta still works on it
        real(self, *given, **named)

    monkeypatch.setattr(GraphWriter, "register", register)
    work(onboarding)
    later(onboarding)
    assert states(work(onboarding))["registration"] == "done"
    assert posts(app).count("register") == 1
    assert Action.objects.filter(kind=ActionKind.REGISTER).count() == 1


# --- The clock --------------------------------------------------------------------------------------------------------


def test_the_tick_marks_lost_signups_and_wakes_nobody_without_a_broker(
    link: SignupLink, app: Practice, lead: User
) -> None:
    attempt = start_signup(link)
    SignupAttempt.objects.filter(pk=attempt.pk).update(
        said_event="FINISH", ended_at=timezone.now() - timedelta(minutes=3)
    )
    tasks.tick()
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.LOST
    assert Heartbeat.objects.filter(name="tick").exists()


def test_a_due_onboarding_wakes_a_worker_once_it_is_committed(
    sign_up: SignUp, settings: Settings, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(celery, "send_task", sent.append)
    settings.EMBEDDED_WORKER = True
    with django_capture_on_commit_callbacks(execute=True):
        onboarding = sign_up()
    assert sent.count("phones.tasks.onboard") == 1
    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()
    assert sent.count("phones.tasks.onboard") == 2
    work(onboarding)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()
    assert sent.count("phones.tasks.onboard") == 2
