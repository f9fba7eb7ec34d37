"""The fast lane beside readings of single WABAs, other workers and what is stored already: nothing is read twice."""

import datetime
import threading
import uuid
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from clients import leases
from clients.choices import RunScope, RunTrigger
from clients.models import Credential, SyncRun, Waba
from phones.models import Listing, PhoneNumber
from phones.sync import claims, record, schedule
from phones.sync.engine import Engine
from portal import stopping
from tests.factories import make_credential, set_age
from tests.phones.sync.lane_book import WABAS, empty, full, in_order, read_by_itself, sync, together
from tests.phones.sync.test_locked_rows import locked
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db


def test_wabas_with_trouble_a_token_an_event_or_a_wait_of_their_own_are_read_by_themselves(lane_book: Practice) -> None:
    sync(lane_book)
    hidden, own_token, hinted, small_pages, alone = full(lane_book)[:5]
    now = timezone.now()
    by_id = {waba.waba_id: waba for waba in Waba.objects.all()}
    token = make_credential(lane_book.credentials.system_user_token, label="of a client")
    Waba.objects.filter(waba_id=hidden).update(failures_in_a_row=1)
    Waba.objects.filter(waba_id=own_token).update(credential=token)
    Waba.objects.filter(waba_id=hinted).update(hinted_at=now)
    Waba.objects.filter(waba_id=small_pages).update(page_limit=25, page_limit_until=now + datetime.timedelta(hours=1))
    run = SyncRun.objects.create(scope=RunScope.WABA, trigger=RunTrigger.PERSON, waba=by_id[alone], wabas=1)
    Waba.objects.update(next_sync_at=now)
    Credential.objects.update(next_sync_at=now)
    Waba.objects.filter(waba_id=alone).update(sync_run=run)

    lane_book.control("POST", "log/clear")
    Engine(client=lane_book.client, threads=4).work(seconds=30)

    assert together(lane_book)
    assert read_by_itself(lane_book) == empty(lane_book) | {hidden, own_token, hinted, small_pages, alone}
    assert not Waba.objects.filter(last_synced_at__lt=now).exists()


def test_while_a_walk_brings_wabas_nobody_else_takes_them_and_a_dead_walk_holds_up_none(lane_book: Practice) -> None:
    now = timezone.now()
    Waba.objects.update(next_sync_at=now)
    hinted = Waba.objects.get(waba_id=full(lane_book)[0])
    Waba.objects.filter(pk=hinted.pk).update(hinted_at=now)
    walk = uuid.uuid4()
    leases.take(
        Credential.objects.all(), holder=walk, span=datetime.timedelta(minutes=1), brings_numbers=True, next_sync_at=now
    )
    taken = claims.take_wabas(holder=uuid.uuid4(), limit=100)
    assert [claim.pk for claim in taken] == [hinted.pk]

    Credential.objects.update(lease_until=now - datetime.timedelta(seconds=1))
    assert len(claims.take_wabas(holder=uuid.uuid4(), limit=100)) == WABAS - 1


def test_a_waba_that_somebody_holds_is_left_to_them(lane_book: Practice) -> None:
    sync(lane_book)
    held = Waba.objects.get(waba_id=full(lane_book)[0])
    somebody = uuid.uuid4()
    claims.take_waba(held.pk, holder=somebody, span=datetime.timedelta(minutes=5))
    lane_book.change(lane_book.wabas()[0]["phone_number_ids"][0], quality_rating="RED")
    Waba.objects.update(next_sync_at=timezone.now())
    Credential.objects.update(next_sync_at=timezone.now())

    Engine(client=lane_book.client, threads=4).work(seconds=30)

    row = Waba.objects.get(pk=held.pk)
    assert (row.lease_token, row.last_synced_at) == (somebody, held.last_synced_at)
    assert Waba.objects.filter(last_synced_at__gt=held.last_synced_at).count() == WABAS - 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_a_waba_and_an_age_that_somebody_has_locked_hold_up_no_other_and_a_locked_number_nothing(
    settings: Any, transactional_db: None
) -> None:
    with practice_server(settings, wabas=WABAS, numbers=80, healthy=True) as book:
        book.sync()
        sync(book)
        waba_ids = full(book)[:2]
        waba = Waba.objects.get(waba_id=waba_ids[0])
        number = PhoneNumber.objects.filter(waba__waba_id=waba_ids[1])[0]
        unchanged = PhoneNumber.objects.filter(waba__waba_id=full(book)[2])[0]
        Waba.objects.update(next_sync_at=timezone.now())
        Credential.objects.update(next_sync_at=timezone.now())
        before = timezone.now()
        book.control("POST", "log/clear")
        with locked(waba, number.age, unchanged):
            Engine(client=book.client, threads=4).work(seconds=30)
        assert together(book)
        unread = Waba.objects.filter(last_synced_at__lt=before).values_list("waba_id", flat=True)
        assert set(unread) == set(waba_ids)

        Waba.objects.update(next_sync_at=timezone.now())
        Engine(client=book.client, threads=4).work(seconds=30)
        assert not Waba.objects.filter(last_synced_at__lt=before).exists()
        assert not Waba.objects.exclude(lease_token=None, attempts=0, failures_in_a_row=0).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads of a test share no database in memory")
@pytest.mark.django_db(transaction=True)
def test_of_several_workers_at_once_one_reads_each_waba_and_it_is_counted_once(
    settings: Any, transactional_db: None
) -> None:
    settings.SYNC_WABAS_A_CALL = 7
    with practice_server(settings, wabas=WABAS, numbers=80, healthy=True) as book:
        book.sync()
        book.sync()
        Waba.objects.update(next_sync_at=timezone.now())
        Credential.objects.update(next_sync_at=timezone.now())
        schedule.tick()
        book.control("POST", "log/clear")
        before = timezone.now()

        def work() -> None:
            Engine(client=book.client, threads=4).work(seconds=30)
            connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        # One that two workers wrote to at the same moment is put off for a minute.
        Waba.objects.filter(last_synced_at__lt=before).update(next_sync_at=timezone.now())
        Engine(client=book.client, threads=4).work(seconds=30)
        schedule.tick()

        assert not Waba.objects.filter(last_synced_at__lt=before).exists()
        runs = SyncRun.objects.filter(trigger=RunTrigger.SCHEDULE)
        assert [in_order(run) for run in runs] == [(WABAS, 0, WABAS)]
        assert together(book)


def test_what_a_later_reading_said_is_neither_undone_nor_hidden_by_an_answer_that_stays_the_same(
    lane_book: Practice,
) -> None:
    sync(lane_book)
    number = PhoneNumber.objects.get(phone_number_id=lane_book.wabas()[0]["phone_number_ids"][0])
    graph = lane_book.book()["phone_numbers"][number.phone_number_id]["quality_rating"]
    read_later = timezone.now() + datetime.timedelta(milliseconds=1)
    PhoneNumber.objects.filter(pk=number.pk).update(quality_rating="RED")
    set_age(number, synced_at=read_later)

    run = sync(lane_book)

    assert PhoneNumber.objects.get(pk=number.pk).quality_rating == graph
    assert (run.changed, read_by_itself(lane_book)) == (1, empty(lane_book))


def test_rows_that_were_lost_here_come_back_though_the_answer_stays_the_same(lane_book: Practice) -> None:
    sync(lane_book)
    listing, moved = Listing.objects.filter(waba__waba_id=full(lane_book)[0])[0], Listing.objects.last()
    assert moved is not None
    number_id = listing.number.phone_number_id
    listing.delete()
    Listing.objects.filter(pk=moved.pk).update(missing_since=timezone.now())

    sync(lane_book)

    assert Listing.objects.filter(number__phone_number_id=number_id, missing_since=None).exists()
    assert Listing.objects.get(pk=moved.pk).missing_since is None


def test_the_next_walk_comes_before_the_wabas_that_this_one_brought_are_due(lane_book: Practice) -> None:
    sync(lane_book)
    turn = Credential.objects.get().next_sync_at
    half = timezone.now() + record.interval() / 2
    assert turn > half
    # Those with something pressing are read by themselves meanwhile.
    assert not Waba.objects.filter(next_sync_at__lte=turn, next_sync_at__gt=half + record.interval() * 0.05).exists()


def test_a_discovery_that_an_event_brings_forward_asks_for_no_numbers(lane_book: Practice) -> None:
    sync(lane_book)
    lane_book.control("POST", "log/clear")
    Credential.objects.update(next_sync_at=timezone.now())
    Engine(client=lane_book.client, threads=4).work(seconds=30)
    assert lane_book.calls("client_whatsapp_business_accounts")
    assert not together(lane_book)


@pytest.mark.parametrize(("wabas_a_call", "asks"), [(10, "shared_wabas"), (0, "client_wabas")])
def test_a_worker_that_is_to_stop_leaves_the_walk_to_the_next_and_concludes_nothing(
    lane_book: Practice, settings: Any, monkeypatch: pytest.MonkeyPatch, wabas_a_call: int, asks: str
) -> None:
    settings.SYNC_WABAS_A_CALL = wabas_a_call
    now = timezone.now()
    Waba.objects.update(next_sync_at=now)
    Credential.objects.update(next_sync_at=now)
    asked = getattr(lane_book.client, asks)

    def ask_once(*args: Any, **kwargs: Any) -> Any:
        stopping.ask()
        return asked(*args, **kwargs)

    lane_book.control("POST", "log/clear")
    with monkeypatch.context() as patch:
        patch.setattr(lane_book.client, asks, ask_once)
        try:
            Engine(client=lane_book.client, threads=2).work(seconds=30)
        finally:
            stopping.take_back()

    assert len(lane_book.calls("_accounts")) == 1
    credential = Credential.objects.get()
    assert (credential.lease_token, credential.brings_numbers, credential.next_sync_at) == (None, False, now)
    assert not Waba.objects.exclude(unlisted_since=None, unshared_since=None).exists()
    assert not Waba.objects.exclude(lease_token=None, attempts=0).exists()
    Engine(client=lane_book.client, threads=2).work(seconds=30)
    assert not Waba.objects.filter(last_synced_at__lt=now).exists()
