"""The row of ages that the database makes with each number, whichever way the number comes."""

import datetime

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Waba
from phones.choices import Source
from phones.models import NumberAge, PhoneNumber
from phones.numbers import kept_ages
from phones.sync import write_numbers
from portal.graph.reads.numbers import NumberReading
from portal.many_rows import insert
from tests.factories import make_number, make_waba

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
SEEN = datetime.datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=datetime.UTC)


def number_on(waba: Waba, number_id: str) -> PhoneNumber:
    return PhoneNumber(phone_number_id=number_id, waba=waba, first_seen_at=SEEN)


def written_by_the_code_of_before(number: PhoneNumber, read_at: datetime.datetime) -> None:
    """What it writes of a number that was read: to columns that the model no longer knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE phones_phonenumber SET synced_at = %s, synced_by = 'action', oldest_fact_at = %s WHERE id = %s",
            [connection.ops.adapt_datetimefield_value(at) for at in (read_at, read_at - DAY)] + [number.pk],
        )


def test_a_number_that_comes_whichever_way_is_as_old_as_its_first_reading() -> None:
    waba = make_waba()
    number_on(waba, "1").save()
    PhoneNumber.objects.bulk_create([number_on(waba, "2"), number_on(waba, "3")])
    insert([number_on(waba, "4"), number_on(waba, "5")])

    ages = NumberAge.objects.values_list("synced_at", "synced_by", "oldest_fact_at", "facts_as_of")
    assert list(ages) == [(SEEN, Source.SYNC, None, SEEN)] * 5
    PhoneNumber.objects.all().delete()
    assert not NumberAge.objects.exists()


def test_a_number_whose_ages_were_lost_is_shown_and_has_them_again_once_it_is_read(desk: Browser) -> None:
    number = make_number(first_seen_at=SEEN)
    NumberAge.objects.all().delete()
    assert number.phone_number_id in desk.get("/phones/").content.decode()
    assert desk.get(f"/phones/{number.phone_number_id}/").status_code == 200

    asked_at = timezone.now()
    reading = NumberReading(number.phone_number_id, {"id": number.phone_number_id}, frozenset())
    write_numbers.store([write_numbers.Complete(number.waba_id, asked_at, [reading])])
    assert NumberAge.objects.get().synced_at == asked_at


def test_what_the_code_of_before_writes_to_the_numbers_is_carried_over() -> None:
    number, other = make_number(), make_number()
    written_by_the_code_of_before(number, SEEN)
    number.refresh_from_db()
    assert (number.synced_at, number.synced_by, number.oldest_fact_at) == (SEEN, Source.ACTION, SEEN - DAY)
    assert number.facts_as_of == NumberAge.objects.get(pk=number.pk).facts_as_of == SEEN - DAY
    other.refresh_from_db()
    assert other.oldest_fact_at is None


def test_the_migration_fills_the_ages_of_numbers_from_before_and_leaves_newer_ones() -> None:
    old, newer = make_number(), make_number(synced_at=SEEN + DAY)
    written_by_the_code_of_before(old, SEEN)
    NumberAge.objects.filter(pk=old.pk).delete()

    kept_ages.fill(apps, connection.SchemaEditorClass(connection))

    age = NumberAge.objects.get(pk=old.pk)
    assert (age.synced_at, age.synced_by, age.oldest_fact_at) == (SEEN, Source.ACTION, SEEN - DAY)
    assert NumberAge.objects.get(pk=newer.pk).synced_at == SEEN + DAY


def test_what_carries_over_goes_with_the_columns_that_it_reads() -> None:
    triggers = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(triggers[connection.vendor])
        has_trigger = "phones_age_of_read" in {name for (name,) in cursor.fetchall()}
        columns = connection.introspection.get_table_description(cursor, PhoneNumber._meta.db_table)
    assert has_trigger is ("synced_at" in {column.name for column in columns})
