"""A reading that finds numbers as they were writes their ages, and not the numbers; and it undoes nothing newer."""

import datetime
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clients.models import Waba
from phones.choices import Source
from phones.models import NumberAge, PhoneNumber
from phones.sync import ask_now, write_numbers
from portal.graph import NumberReading
from tests.at_once import at_the_same_time, waits_for_a_lock
from tests.factories import make_number, make_waba
from tests.phones.sync.lane_book import WABAS, full, picture, read_by_itself, sync, together
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)


def reading(number: PhoneNumber, **values: object) -> NumberReading:
    said = {"id": number.phone_number_id, **values}
    return NumberReading(number.phone_number_id, said, requested=frozenset(said))


def refuse_to_write_numbers() -> None:
    """From here on, until the test ends, the database refuses every UPDATE of a number."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER refused BEFORE UPDATE ON phones_phonenumber"
                " BEGIN SELECT RAISE(ABORT, 'a number was written'); END"
            )
            return
        cursor.execute(
            "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'a number was written'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refused BEFORE UPDATE ON phones_phonenumber FOR EACH ROW EXECUTE FUNCTION refused()"
        )


def versions() -> object:
    """On PostgreSQL: which transaction wrote each number as it stands."""
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text, ctid::text FROM phones_phonenumber ORDER BY id")
        return cursor.fetchall()


def test_many_wabas_that_did_not_change_have_their_ages_written_and_no_number(lane_book: Practice) -> None:
    sync(lane_book)
    before, written = picture(), versions()
    refuse_to_write_numbers()

    run = sync(lane_book)

    assert together(lane_book)
    assert (run.failed, run.unchanged) == (0, run.numbers)
    assert (picture(), versions()) == (before, written)
    assert not NumberAge.objects.filter(synced_at__lt=run.started_at).exists()
    assert NumberAge.objects.count() == PhoneNumber.objects.count()


def test_wabas_that_are_read_one_by_one_and_did_not_change_have_no_number_written(practice: Practice) -> None:
    practice.already_read()
    refuse_to_write_numbers()
    run = practice.sync()
    assert (run.failed, run.unchanged) == (0, run.numbers)
    assert not NumberAge.objects.filter(synced_at__lt=run.started_at).exists()


def test_a_number_that_changed_and_one_that_a_person_asked_for_are_as_old_as_their_reading(practice: Practice) -> None:
    practice.already_read()
    changed, asked = PhoneNumber.objects.order_by("pk")[:2]
    practice.change(changed.phone_number_id, quality_rating="RED")
    run = practice.sync()
    assert PhoneNumber.objects.get(pk=changed.pk).quality_rating == "RED"
    assert not NumberAge.objects.filter(synced_at__lt=run.started_at).exists()

    before = timezone.now()
    assert ask_now.refresh_number(number=asked) is None
    age = NumberAge.objects.get(pk=asked.pk)
    assert (age.synced_by, age.synced_at >= before) == (Source.ACTION, True)
    assert set(NumberAge.objects.exclude(pk=asked.pk).values_list("synced_by", flat=True)) == {Source.SYNC}


def test_a_reading_that_is_older_than_what_is_known_writes_neither_the_number_nor_its_age() -> None:
    waba = make_waba()
    now = timezone.now()
    number = make_number(waba, status="BANNED", synced_at=now)
    older = write_numbers.Complete(waba.pk, now - MINUTE, [reading(number, status="CONNECTED")])

    write_numbers.store([older])
    write_numbers.store_one(number, older.readings[0], asked_at=older.asked_at, actor=None)

    number.refresh_from_db()
    assert (number.status, number.synced_at, number.synced_by) == ("BANNED", now, Source.SYNC)


def test_of_a_batch_in_which_two_wabas_list_a_number_its_age_is_that_of_the_later_one() -> None:
    first, second = make_waba(), make_waba()
    number = make_number(first, status="PENDING", synced_at=timezone.now() - MINUTE)
    earlier, later = timezone.now() - MINUTE / 2, timezone.now()
    new = NumberReading("7", {"id": "7", "status": "PENDING"}, frozenset({"id", "status"}))
    changed = NumberReading("7", {"id": "7", "status": "CONNECTED"}, frozenset({"id", "status"}))

    write_numbers.store(
        [
            write_numbers.Complete(first.pk, earlier, [reading(number, status="CONNECTED"), new]),
            write_numbers.Complete(second.pk, later, [reading(number, status="BANNED"), changed]),
        ]
    )

    for known, status in ((number, "BANNED"), (PhoneNumber.objects.get(phone_number_id="7"), "CONNECTED")):
        known.refresh_from_db()
        assert (known.status, known.synced_at) == (status, later)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_what_is_being_written_is_waited_for_and_then_compared_though_the_answer_stays_the_same(
    settings: Any, transactional_db: None
) -> None:
    """The answer was the last one's, and the number is about to say something else: a person has just had it read."""
    with practice_server(settings, wabas=WABAS, numbers=80, healthy=True) as book:
        book.sync()
        sync(book)
        waba_id = full(book)[0]
        number = PhoneNumber.objects.filter(waba__waba_id=waba_id)[0]
        as_graph_says, holds = number.quality_rating, threading.Event()

        def read_alone() -> None:
            with transaction.atomic():
                fresh = PhoneNumber.objects.select_for_update(no_key=True).get(pk=number.pk)
                said = reading(number, quality_rating="RED")
                write_numbers.store_one(fresh, said, asked_at=timezone.now(), actor=None)
                holds.set()
                while not waits_for_a_lock():
                    pass

        def read_together() -> None:
            assert holds.wait(10)
            sync(book)

        at_the_same_time(read_alone, read_together)

        number.refresh_from_db()
        assert as_graph_says != "RED"
        assert number.quality_rating == as_graph_says
        assert waba_id not in read_by_itself(book)
        assert not Waba.objects.exclude(lease_token=None, attempts=0, failures_in_a_row=0).exists()
