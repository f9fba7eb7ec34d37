"""Many rows at once: they are in the database as they would be by any other way, in the given order."""

import datetime
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client, Waba
from phones.choices import ChangeKind, Source
from phones.models import Change, Listing, PhoneNumber
from portal import many_rows
from portal.many_rows import insert, save_columns
from tests.at_once import at_the_same_time
from tests.factories import make_client, make_number, make_waba

pytestmark = pytest.mark.django_db

# Its key, and what the code of before kept there: the database writes it, by the clock.
_OTHERS = {"id", "synced_at", "facts_as_of"}
NOW = datetime.datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=datetime.UTC)


def numbers_on(waba: Waba, count: int, **values: Any) -> list[PhoneNumber]:
    return [
        PhoneNumber(
            phone_number_id=str(100 + index),
            waba=waba,
            display_phone_number=f"+1 631 555 {index:04d}",
            search_text=f"business {index}",
            first_seen_at=NOW + datetime.timedelta(seconds=index),
            **values,
        )
        for index in range(count)
    ]


def test_rows_read_back_as_they_were_given() -> None:
    rows = numbers_on(
        make_waba(),
        3,
        verified_name="Пекарня “%s” \\ ?",
        is_pin_enabled=True,
        is_on_biz_app=False,
        last_onboarded_time=NOW.astimezone(datetime.timezone(datetime.timedelta(hours=5))),
        webhook_configuration={"application": "https://hook.example/ünï?a=%s"},
        odd_values={"status": "[1]"},
        former_names=["Before", "Much before"],
    )

    insert(rows)

    for row in rows:
        stored = PhoneNumber.objects.get(pk=row.pk)
        for field in PhoneNumber._meta.concrete_fields:
            if field.name == "client":
                continue  # the database's own
            assert getattr(stored, field.attname) == getattr(row, field.attname), field.name


def test_they_are_what_bulk_create_would_have_stored() -> None:
    waba = make_waba()

    def stored() -> list[dict[str, object]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM phones_phonenumber ORDER BY phone_number_id")
            names = [column[0] for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return [{name: value for name, value in row.items() if name not in _OTHERS} for row in found]

    insert(numbers_on(waba, 4, odd_values={"status": "0"}, gone_at=NOW))
    ours = stored()
    PhoneNumber.objects.all().delete()
    PhoneNumber.objects.bulk_create(numbers_on(waba, 4, odd_values={"status": "0"}, gone_at=NOW))

    assert ours == stored()


def test_every_row_gets_its_own_key_however_many_statements_it_takes(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    values = len(PhoneNumber._meta.concrete_fields)
    monkeypatch.setattr(many_rows, "_most_values", lambda: 30 * values)
    rows = numbers_on(make_waba(), 100)

    with django_assert_num_queries(4):
        insert(rows)

    assert {row.phone_number_id: row.pk for row in rows} == dict(
        PhoneNumber.objects.values_list("phone_number_id", "pk")
    )
    insert([Listing(number=row, waba_id=row.waba_id, first_seen_at=NOW) for row in rows])
    assert Listing.objects.count() == 100


def test_rows_of_other_tables_with_what_they_default_to(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    before = timezone.now()
    client, owner = Client(name="New"), make_client()
    insert([client])
    waba = Waba(waba_id="1", client=owner, origin="client")
    insert([waba])
    insert([Change(waba=waba, kind=ChangeKind.ADDED, new="A name", source=Source.SYNC, at=NOW)])

    assert Client.objects.get(pk=client.pk).created_at >= before
    stored = Waba.objects.get(pk=waba.pk)
    assert (stored.client, stored.attempts, stored.lease_token, stored.created_at >= before) == (owner, 0, None, True)
    change = Change.objects.get()
    assert (change.new, change.old, change.number, change.at) == ("A name", None, None, NOW)
    with django_assert_num_queries(0):
        insert([])


def test_an_inserted_row_is_an_update_away_from_being_saved(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    [row] = numbers_on(make_waba(), 1)
    insert([row])
    row.status = "CONNECTED"

    with django_assert_num_queries(1):
        row.save()

    assert PhoneNumber.objects.get().status == "CONNECTED"


def test_the_search_finds_them() -> None:
    insert(numbers_on(make_waba(), 30))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT rowid FROM phones_number_search WHERE phones_number_search MATCH '\"business 29\"'")
            found = [key for (key,) in cursor.fetchall()]
        assert found == [PhoneNumber.objects.get(phone_number_id="129").pk]
    assert PhoneNumber.objects.filter(search_text__contains="business 29").count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite does not look at the length of a text")
def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(DataError), transaction.atomic():
        insert(numbers_on(make_waba(), 2, status="x" * 513))


def test_each_row_gets_its_own_values_and_what_is_not_named_stays() -> None:
    here, there = make_waba(), make_waba()
    rows = numbers_on(here, 3, status="CONNECTED")
    insert(rows)
    first, second, third = rows
    first.verified_name, first.is_pin_enabled, first.waba = "Пекарня “%s” \\ ?", True, there
    first.webhook_configuration, first.last_onboarded_time = {"application": "https://hook.example/?a=%s"}, NOW
    second.verified_name, second.former_names = "{,}", ["Before", 'Much "before"']
    for row in rows:
        row.quality_rating = "not to be written"

    names = ["verified_name", "is_pin_enabled", "waba", "webhook_configuration", "last_onboarded_time", "former_names"]
    save_columns([third, first, second], names)

    for row in rows:
        stored = PhoneNumber.objects.get(pk=row.pk)
        assert [getattr(stored, name) for name in names] == [getattr(row, name) for name in names]
        assert (stored.status, stored.quality_rating) == ("CONNECTED", None)


def test_a_row_that_is_given_twice_is_what_the_later_one_says() -> None:
    number = make_number(make_waba())
    later = PhoneNumber.objects.get(pk=number.pk)
    number.status, later.status = "PENDING", "BANNED"

    save_columns([number, later], ["status"])

    assert PhoneNumber.objects.get().status == "BANNED"


def test_many_rows_are_written_by_few_statements(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(many_rows, "_most_values", lambda: 60)
    rows = numbers_on(make_waba(), 100)
    insert(rows)
    for row in rows:
        row.status = f"STATUS {row.pk}"

    # PostgreSQL locks them first, thirty at a time; SQLite repeats one statement.
    with django_assert_num_queries(8 if connection.vendor == "postgresql" else 1):
        save_columns(rows, ["status"])
    with django_assert_num_queries(0):
        save_columns([], ["status"])

    assert all(number.status == f"STATUS {number.pk}" for number in PhoneNumber.objects.all())


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite does not look at the length of a text")
def test_a_text_that_is_too_long_is_refused_when_it_is_written_too() -> None:
    number = make_number(make_waba())
    number.status = "x" * 513
    with pytest.raises(DataError), transaction.atomic():
        save_columns([number], ["status"])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_two_that_write_the_same_rows_in_opposite_order_wait_for_each_other_in_no_circle() -> None:
    waba = make_waba()
    rows = [make_number(waba) for _ in range(40)]

    def write(status: str, written: list[PhoneNumber]) -> None:
        for _ in range(25):
            with transaction.atomic():
                save_columns([PhoneNumber(pk=row.pk, status=status) for row in written], ["status"])

    at_the_same_time(lambda: write("PENDING", rows), lambda: write("BANNED", rows[::-1]))

    assert len(set(PhoneNumber.objects.values_list("status", flat=True))) == 1
