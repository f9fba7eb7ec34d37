"""A line of history is written at the moment in which what it is about comes to another client (PostgreSQL)."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clients.models import Waba
from phones.choices import ChangeKind, Source
from phones.models import Change, PhoneNumber
from tests.at_once import at_the_same_time, waits_for_a_lock
from tests.factories import make_client, make_number, make_waba

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows"),
    pytest.mark.django_db(transaction=True),
]


def write_line(*, number: PhoneNumber | None = None, waba: Waba | None = None) -> None:
    Change.objects.create(
        number=number, waba=waba, kind=ChangeKind.FIELD, field="status", source=Source.SYNC, at=timezone.now()
    )


def one_after_the_other(first: Callable[[], None], second: Callable[[], None]) -> None:
    """Run `second` while the transaction of `first` is open, which ends as soon as `second` waits for it."""
    is_written = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            first()
            is_written.set()
            while not waits_for_a_lock():
                pass

    def follow() -> None:
        assert is_written.wait(10)
        second()

    at_the_same_time(hold, follow)


@pytest.mark.parametrize("is_line_first", [True, False])
def test_a_line_that_is_written_while_its_number_moves_is_of_the_client_that_it_moves_to(
    *, is_line_first: bool
) -> None:
    here, there = make_waba(make_client()), make_waba(make_client())
    number = make_number(here)
    steps = [lambda: write_line(number=number, waba=here), lambda: move(number, there)]

    one_after_the_other(*(steps if is_line_first else steps[::-1]))

    assert [line.client for line in Change.objects.select_related("client")] == [there.client]


@pytest.mark.parametrize("is_line_first", [True, False])
@pytest.mark.parametrize("is_about_a_number", [True, False])
def test_a_line_that_is_written_while_its_waba_is_given_away_is_of_the_client_that_gets_it(
    *, is_about_a_number: bool, is_line_first: bool
) -> None:
    waba, other = make_waba(make_client()), make_client()
    number = make_number(waba) if is_about_a_number else None
    steps = [lambda: write_line(number=number, waba=waba), lambda: give(waba, other.pk)]

    one_after_the_other(*(steps if is_line_first else steps[::-1]))

    assert [line.client for line in Change.objects.select_related("client")] == [other]


def move(number: PhoneNumber, waba: Waba) -> None:
    PhoneNumber.objects.filter(pk=number.pk).update(waba=waba)


def give(waba: Waba, client: int) -> None:
    Waba.objects.filter(pk=waba.pk).update(client=client)
