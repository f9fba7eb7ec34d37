"""What machines whose clocks differ may not do to each other: the database's clock decides."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from clients.models import Waba
from phones.actions import settle
from phones.choices import ActionKind, ActionState
from phones.models import Action, Heartbeat, NumberAge, PhoneNumber
from phones.sync import schedule
from portal import database_clock
from tests.factories import make_waba
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync

HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def test_times_that_have_not_come_refuse_no_reading_and_settle_nothing(book: ScriptedBook) -> None:
    (waba_id,) = book.add(1)
    book.wabas[waba_id][0].update(platform_type="NOT_APPLICABLE", status="PENDING")
    sync()
    number, waba = PhoneNumber.objects.get(), Waba.objects.get()
    # A worker an hour ahead read it before; then Meta carried out what it was asked for, and the answer was lost.
    ahead = timezone.now() + HOUR
    NumberAge.objects.update(synced_at=ahead)
    Waba.objects.update(last_synced_at=ahead, facts_read_at=ahead)
    sent = {"state": ActionState.UNKNOWN, "sent_at": timezone.now() - 2 * MINUTE, "created_at": timezone.now() - HOUR}
    register = Action.objects.create(number=number, waba=waba, kind=ActionKind.REGISTER, **sent)
    digits = {"phone_number": "15550000009"}
    add = Action.objects.create(waba=waba, kind=ActionKind.ADD_NUMBER, details=digits, **sent)
    book.wabas[waba_id][0].update(platform_type="CLOUD_API", status="CONNECTED")

    settle.settle_number(number)
    settle._settle_additions()
    assert not Action.objects.exclude(closed_at=None).exists(), "nothing was read since"

    sync()
    settle.settle_number(number)
    settle._settle_additions()

    number.refresh_from_db()
    assert (number.platform_type, number.synced_at < timezone.now()) == ("CLOUD_API", True)
    register.refresh_from_db()
    assert register.state == ActionState.SUCCEEDED
    add.refresh_from_db()
    assert add.state == ActionState.FAILED


def test_turns_and_waits_that_a_wrong_clock_gave_come_now(db: None) -> None:
    year = timezone.now() + 365 * 24 * HOUR
    waba = make_waba(next_sync_at=year, not_before=year, lease_until=year)

    assert schedule.tick()

    assert Waba.objects.due(timezone.now()).get() == waba


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="with SQLite all processes have one clock")
def test_a_machine_whose_clock_is_ahead_goes_by_the_databases_and_tells(client: Any) -> None:
    try:
        with time_machine.travel(timezone.now() + HOUR):
            database_clock.measure(connection)
            assert abs(database_clock.now() - (timezone.now() - HOUR)) < MINUTE
            schedule.tick()
            assert client.get("/readyz").json()["clocks"] == "3600 s ahead"
        database_clock.measure(connection)
        beat = Heartbeat.objects.get(name="tick")
        assert abs(beat.at - timezone.now()) < MINUTE
        answer = client.get("/readyz").json()
        assert (answer["clocks"], answer["tick"]) == ("3600 s ahead", "ok")
    finally:
        database_clock.measure(connection)
    assert database_clock.ahead() == datetime.timedelta()
