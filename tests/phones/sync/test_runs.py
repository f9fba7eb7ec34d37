"""Runs and turns: who is read when, and what a person sees of it."""

import datetime
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.choices import CredentialState, Role, RunScope, RunState
from clients.models import Client, Credential, SyncRun, User, Waba
from phones.models import Heartbeat, PhoneNumber
from phones.sync import claims, runs, schedule
from phones.sync.engine import Engine
from tests.factories import make_client, make_credential, make_person, make_waba
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db


def test_a_tick_puts_what_is_due_into_one_scheduled_run(practice: Practice) -> None:
    practice.already_read()
    Waba.objects.update(next_sync_at=timezone.now())
    assert schedule.tick()
    run = SyncRun.objects.open().get()
    assert (run.scope, run.wabas) == (RunScope.DUE, Waba.objects.count())
    Engine(client=practice.client).work(seconds=20)
    run.refresh_from_db()
    assert (run.state, run.read) == (RunState.FINISHED, run.wabas)


def test_two_ticks_and_a_thousand_messages_read_a_due_waba_once(practice: Practice) -> None:
    practice.already_read()
    Waba.objects.update(next_sync_at=timezone.now())
    practice.control("POST", "log/clear")
    schedule.tick()
    schedule.tick()
    for _ in range(3):
        Engine(client=practice.client).work(seconds=20)
    assert len(practice.calls("phone_numbers")) == Waba.objects.count()


def test_a_tick_with_nothing_due_makes_no_run(practice: Practice) -> None:
    practice.already_read()
    before = SyncRun.objects.count()
    assert not schedule.tick()
    assert SyncRun.objects.count() == before
    assert Heartbeat.objects.get(name="tick").at is not None


def test_the_first_tick_finds_the_book_of_a_new_partner(practice: Practice) -> None:
    assert schedule.tick()
    Engine(client=practice.client).work(seconds=20)
    assert PhoneNumber.objects.count() == sum(len(set(w["phone_number_ids"])) for w in practice.wabas())
    assert not SyncRun.objects.open().exists()


def test_a_day_of_standstill_is_caught_up_with_one_reading_each(practice: Practice) -> None:
    practice.already_read()
    Waba.objects.update(next_sync_at=timezone.now() - datetime.timedelta(days=1))
    practice.control("POST", "log/clear")
    schedule.tick()
    Engine(client=practice.client).work(seconds=20)
    assert len(practice.calls("phone_numbers")) == Waba.objects.count()
    assert not Waba.objects.filter(next_sync_at__lt=timezone.now()).exists()


def test_sync_now_reads_one_waba_at_once_and_only_that(practice: Practice, team_lead: User) -> None:
    practice.already_read()
    waba = Waba.objects.all()[0]
    practice.control("POST", "log/clear")
    run = runs.start(scope=RunScope.WABA, user=team_lead, waba=waba)
    Engine(client=practice.client).work(seconds=20)
    run.refresh_from_db()
    assert (run.state, run.wabas, run.read) == (RunState.FINISHED, 1, 1)
    assert [waba.waba_id in call["path"] for call in practice.calls()] == [True]


def test_asking_twice_for_everything_gives_the_same_run(practice: Practice, team_lead: User) -> None:
    practice.already_read()
    assert runs.start(scope=RunScope.EVERYTHING, user=team_lead) == runs.start(
        scope=RunScope.EVERYTHING, user=team_lead
    )


@pytest.mark.django_db(transaction=True)
def test_four_who_ask_for_everything_at_once_get_the_same_run() -> None:
    make_waba()
    person = make_person("tess", Role.TEAM_LEAD)
    start = threading.Barrier(4)

    def ask(_: int) -> SyncRun:
        try:
            start.wait()
            return runs.start(scope=RunScope.EVERYTHING, user=person)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        assert len(set(people.map(ask, range(4)))) == 1


def test_a_waba_that_waits_in_one_run_moves_to_the_one_that_a_person_asks_for(team_lead: User) -> None:
    client = make_client()
    one, two = make_waba(client), make_waba(client)
    everything = runs.start(scope=RunScope.CLIENT, user=team_lead, client=client)
    mine = runs.start(scope=RunScope.WABA, user=team_lead, waba=one)
    everything.refresh_from_db()
    two.refresh_from_db()
    assert (everything.wabas, mine.wabas) == (1, 1)
    assert two.sync_run == everything


def test_a_desk_without_wabas_and_tokens_says_what_to_do(team_lead: User) -> None:
    with pytest.raises(runs.NothingToReadError, match="META_SYSTEM_USER_TOKEN"):
        runs.start(scope=RunScope.EVERYTHING, user=team_lead)
    assert not SyncRun.objects.exists()


def test_a_client_whose_token_is_dead_gets_one_more_try_when_a_person_asks(team_lead: User) -> None:
    credential = make_credential(state=CredentialState.DEAD)
    waba = make_waba(credential=credential)
    run = runs.start(scope=RunScope.WABA, user=team_lead, waba=waba)
    credential.refresh_from_db()
    assert (run.failed, credential.state) == (0, CredentialState.UNTRIED)


def test_a_waba_that_may_not_be_asked_yet_fails_at_once_with_the_time(team_lead: User) -> None:
    until = timezone.now() + datetime.timedelta(minutes=7)
    waba = make_waba(not_before=until, last_attempt_at=timezone.now())
    run = runs.start(scope=RunScope.WABA, user=team_lead, waba=waba)
    failure = run.failures.get()
    assert (run.state, failure.kind, failure.retry_at) == (RunState.FINISHED, "throttled", until)


def test_a_claimed_waba_is_not_claimed_again_before_its_lease_ends() -> None:
    waba = make_waba()
    first, second = uuid.uuid4(), uuid.uuid4()
    assert [claim.pk for claim in claims.take_wabas(holder=first, limit=10)] == [waba.pk]
    assert claims.take_wabas(holder=second, limit=10) == []
    Waba.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    assert claims.take_wabas(holder=second, limit=10) == []
    assert [claim.pk for claim in claims.take_suspect(holder=second)] == [waba.pk]


def test_what_a_worker_read_after_it_lost_its_lease_is_not_stored(practice: Practice) -> None:
    practice.already_read()
    waba = Waba.objects.all()[0]
    number = PhoneNumber.objects.filter(waba=waba).first()
    assert number is not None
    practice.change(number.phone_number_id, status="BANNED")
    Waba.objects.filter(pk=waba.pk).update(next_sync_at=timezone.now())
    slow = Engine(client=practice.client)
    real_record = slow._record

    def lose_the_lease_first(batch: Any) -> None:
        Waba.objects.filter(pk=waba.pk).update(lease_token=uuid.uuid4())
        real_record(batch)

    slow._record = lose_the_lease_first  # type: ignore[method-assign] # stands in for a slow machine
    slow.work(seconds=1)
    number.refresh_from_db()
    assert number.status != "BANNED"


@pytest.mark.django_db(transaction=True)
def test_two_syncs_of_one_waba_at_once_are_one_conversation_with_graph(settings: Any) -> None:
    with practice_server(settings, wabas=3, numbers=12, healthy=True, latency=50) as practice:
        practice.sync()
        waba = Waba.objects.all()[0]
        Waba.objects.filter(pk=waba.pk).update(next_sync_at=timezone.now())
        practice.control("POST", "log/clear")
        start = threading.Barrier(4)
        failures: list[BaseException] = []

        def work() -> None:
            try:
                start.wait()
                Engine(client=practice.client, threads=2).work(seconds=1)
            except BaseException as error:
                failures.append(error)
                raise
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(practice.calls("phone_numbers")) == 1


def test_quiet_scheduled_runs_are_forgotten_soon_and_others_later() -> None:
    old = timezone.now() - datetime.timedelta(days=5)
    quiet = SyncRun.objects.create(scope="due", trigger="schedule", state="finished", finished_at=old)
    telling = SyncRun.objects.create(scope="due", trigger="schedule", state="finished", finished_at=old, changed=1)
    ancient = SyncRun.objects.create(
        scope="due", trigger="person", state="finished", finished_at=timezone.now() - datetime.timedelta(days=100)
    )
    assert schedule.prune() == 2
    assert set(SyncRun.objects.all()) == {telling}
    assert {quiet.pk, ancient.pk}.isdisjoint(SyncRun.objects.values_list("pk", flat=True))


def test_the_environments_token_is_a_credential_after_the_first_tick(settings: Any) -> None:
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "123456789", "EAAsomething0123456789"
    schedule.tick()
    assert Credential.objects.get(from_environment=True).open_token() == "EAAsomething0123456789"
    assert Client.objects.count() == 0
