"""A row that somebody has locked in the database, or a WABA that ends its reader, holds up nothing but itself."""

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from clients.models import SyncFailure, SyncRun, Waba
from phones.choices import EventState
from phones.events.draining import drain
from phones.models import Event, PhoneNumber
from phones.sync import claims, schedule
from phones.sync.engine import Engine
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def book(settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


@contextmanager
def locked(*rows: Any) -> Iterator[None]:
    """A transaction of somebody else's that has touched these rows and was forgotten."""
    holds, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            for row in rows:
                type(row).objects.select_for_update().get(pk=row.pk)
            holds.set()
            over.wait(60)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_a_locked_waba_and_a_locked_number_stop_no_other_reading_and_no_event(book: ScriptedBook) -> None:
    waba_ids = book.add(5)
    sync()
    waba, number = Waba.objects.get(waba_id=waba_ids[0]), PhoneNumber.objects.get(waba__waba_id=waba_ids[1])
    for waba_id in waba_ids:
        book.wabas[waba_id][0]["quality_rating"] = "RED"
        value = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": ["DISABLE"]}}
        Event.objects.create(
            digest=waba_id, received_at=timezone.now(), field="account_update", entry_id=waba_id, value=value
        )
    Waba.objects.update(next_sync_at=timezone.now() - MINUTE)
    with locked(waba, number):
        drain(seconds=10)
        done = Event.objects.filter(state=EventState.DONE).values_list("entry_id", flat=True)
        assert set(waba_ids[2:]) <= set(done)
        schedule.tick()
        Engine(threads=4).work(seconds=5)
        read = PhoneNumber.objects.filter(quality_rating="RED").values_list("waba__waba_id", flat=True)
        assert set(read) == set(waba_ids[2:])

    later = timezone.now() + 2 * MINUTE
    Waba.objects.update(next_sync_at=timezone.now() - MINUTE)
    Event.objects.update(not_before=None)
    drain(seconds=10)
    Engine(threads=4).work(seconds=5)
    assert not PhoneNumber.objects.exclude(quality_rating="RED").exists()
    assert not Event.objects.filter(state=EventState.WAITING).exists()
    assert Waba.objects.filter(lease_token=None, attempts=0, next_sync_at__gt=later).count() == 5


@pytest.mark.django_db
def test_a_waba_that_ends_its_reader_is_set_aside_alone(book: ScriptedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    waba_ids = book.add(12)
    sync()
    deadly, read = waba_ids[5], Engine._read

    def dies(engine: Engine, claim: claims.Claim, token: str) -> Any:
        if claim.waba_id == deadly:
            raise SystemExit
        return read(engine, claim, token)

    monkeypatch.setattr(Engine, "_read", dies)
    for waba_id in waba_ids:
        book.wabas[waba_id][0]["quality_rating"] = "RED"
    Waba.objects.update(next_sync_at=timezone.now() - MINUTE)
    schedule.tick()
    for _ in range(claims.MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            Engine(threads=4).work(seconds=5)
        Waba.objects.exclude(lease_token=None).update(lease_until=timezone.now() - MINUTE)
    Engine(threads=4).work(seconds=5)
    schedule.tick()

    assert PhoneNumber.objects.filter(quality_rating="RED").count() == 11
    lost = SyncFailure.objects.filter(kind="worker_lost")
    assert [failure.waba.waba_id for failure in lost if failure.waba] == [deadly]
    assert not SyncRun.objects.open().exists()
