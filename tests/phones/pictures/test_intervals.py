"""The counts of clients as intervals: on each day that was counted they say what was counted last."""

import datetime
import random
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.utils import timezone

from clients.clients import merge_clients
from clients.models import Client, User
from phones.models import ClientCount, DailyCount
from phones.pictures import intervals
from phones.pictures.daily import SIGNUP, counts_of
from phones.pictures.intervals import Counted
from tests.factories import make_client

pytestmark = pytest.mark.django_db

FIRST = datetime.date(2026, 9, 1)
VALUES = [("stage", "ready"), ("stage", "registered"), ("stage", ""), ("quality_rating", "GREEN")]
Counts = dict[Counted, int]


@pytest.fixture
def client() -> Client:
    return make_client()


def day(number: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=number)


def ready(client: Client, numbers: int) -> Counts:
    return {(client.pk, "stage", "ready"): numbers} if numbers else {}


def on(some: datetime.date) -> Counts:
    """What the intervals say of a day; those of a client that hold at the same time add up."""
    counts: Counts = {}
    for row in ClientCount.objects.filter(intervals.held_on(some)):
        key = (row.client_id, row.field, row.value)
        counts[key] = counts.get(key, 0) + row.numbers
    return counts


def rows() -> list[tuple[int, datetime.date, datetime.date]]:
    return list(ClientCount.objects.order_by("since", "pk").values_list("numbers", "since", "until"))


def counted_at_random(clients: list[Client], chance: random.Random) -> dict[datetime.date, list[Counts]]:
    """Some of the days, each counted once or several times, where most counts stay and some go and come back."""
    found: dict[datetime.date, list[Counts]] = {}
    counts = {(client.pk, *value): chance.randrange(3) for client in clients for value in VALUES}
    for number in sorted(chance.sample(range(40), 20)):
        for _ in range(chance.randrange(1, 4)):
            for changed in chance.sample(sorted(counts), chance.randrange(3)):
                counts[changed] = chance.randrange(3)
            found.setdefault(day(number), []).append({key: count for key, count in counts.items() if count})
    return found


def write_days(counted: Iterable[tuple[datetime.date, Counts]]) -> None:
    """As the code of before wrote them: rows for each day and client, and of all together."""
    for of_day, counts in counted:
        DailyCount.objects.create(day=of_day, field="stage", value="registered", numbers=sum(counts.values()))
        for (key, name, value), numbers in counts.items():
            DailyCount.objects.create(day=of_day, client_id=key, field=name, value=value, numbers=numbers)


@pytest.mark.parametrize("seed", range(8))
def test_they_say_of_each_day_what_was_counted_last(seed: int) -> None:
    counted = counted_at_random([make_client(), make_client()], random.Random(seed))

    for of_day, times in counted.items():
        for counts in times:
            intervals.keep(counts, of_day)

    assert {of_day: on(of_day) for of_day in counted} == {of_day: times[-1] for of_day, times in counted.items()}


@pytest.mark.parametrize("seed", range(8))
def test_what_was_written_each_day_is_carried_over(seed: int) -> None:
    counted = counted_at_random([make_client(), make_client()], random.Random(seed))
    write_days((of_day, times[-1]) for of_day, times in counted.items())

    intervals.carry_over(apps, None)
    carried = rows()
    intervals.carry_over(apps, None)

    assert {of_day: on(of_day) for of_day in counted} == {of_day: times[-1] for of_day, times in counted.items()}
    assert carried == rows()


def test_carrying_over_goes_on_where_it_stopped_and_leaves_what_was_counted_since(client: Client) -> None:
    other = make_client()
    write_days([(day(0), ready(client, 2) | ready(other, 4))])
    intervals.keep(ready(client, 3), day(1))

    intervals.carry_over(apps, None)

    assert on(day(1)) == ready(client, 3) | ready(other, 4)


def test_a_count_that_stays_is_one_row_however_often_it_is_counted(client: Client) -> None:
    for number in (0, 0, 1, 5):
        intervals.keep(ready(client, 2), day(number))

    assert rows() == [(2, day(0), ClientCount.STILL)]


def test_only_the_last_count_of_a_day_stays(client: Client) -> None:
    intervals.keep(ready(client, 2), day(0))
    intervals.keep(ready(client, 7), day(3))
    intervals.keep(ready(client, 2), day(3))

    assert rows() == [(2, day(0), ClientCount.STILL)]


def test_a_count_ends_when_there_are_none_and_begins_anew_when_they_come_back(client: Client) -> None:
    for number, numbers in ((0, 2), (4, 0), (6, 2)):
        intervals.keep(ready(client, numbers), day(number))

    assert rows() == [(2, day(0), day(4)), (2, day(6), ClientCount.STILL)]


def test_what_a_clock_wrote_that_was_ahead_is_taken_back(client: Client) -> None:
    intervals.keep(ready(client, 2), day(0))
    intervals.keep(ready(client, 9), day(5))
    intervals.keep(ready(client, 3), day(2))

    assert rows() == [(2, day(0), day(2)), (3, day(2), ClientCount.STILL)]


def test_a_client_that_took_over_another_has_the_counts_of_both(administrator: User, client: Client) -> None:
    absorbed, past = make_client(), timezone.localdate() - datetime.timedelta(days=1)
    for numbers, since in ((2, past), (9, timezone.localdate())):
        intervals.keep(ready(client, numbers) | ready(absorbed, 5), since)

    merge_clients(keep=client, absorb=[absorbed], actor=administrator)
    assert on(past) == ready(client, 7)
    intervals.keep(ready(client, 14), timezone.localdate())

    assert (on(past), on(timezone.localdate())) == (ready(client, 7), ready(client, 14))


def test_counts_of_a_client_that_is_gone_end(client: Client) -> None:
    """The code of before deletes clients, and knows nothing of their counts here."""
    intervals.keep({(client.pk + 1_000, "stage", "ready"): 4}, day(0))
    intervals.keep(ready(client, 1), day(1))

    assert on(day(1)) == ready(client, 1)


@pytest.mark.parametrize("seed", range(10))
def test_the_counts_of_a_book_are_the_sums_of_its_clients(seed: int) -> None:
    chance, today = random.Random(seed), timezone.localdate()
    ours, theirs = [make_client(), make_client()], make_client()
    summed: dict[tuple[str, str], list[int]] = {}
    for number in range(10):
        of_day = today - datetime.timedelta(days=9 - number)
        counts = {
            (client.pk, *value): chance.randrange(1, 4)
            for client in [*ours, theirs]
            for value in [*VALUES, (SIGNUP, "2026-11-23:open")]
            if chance.random() < 0.7
        }
        intervals.keep(counts, of_day)
        DailyCount.objects.create(day=of_day, field="stage", value="registered", numbers=1)
        for (key, *value), numbers in counts.items():
            if key != theirs.pk and (value[0] != SIGNUP or of_day == today):
                summed.setdefault((value[0], value[1]), [0] * 10)[number] += numbers

    found = counts_of(Client.objects.filter(pk__in=[client.pk for client in ours]))

    assert len(found.days) == 10
    known = {(name, value): numbers for name, values in found.counts.items() for value, numbers in values.items()}
    of_latest = {key: numbers[-1] for key, numbers in known.items() if key[0] == SIGNUP}
    assert of_latest == {key: numbers[-1] for key, numbers in summed.items() if key[0] == SIGNUP}
    assert {key: numbers for key, numbers in known.items() if key[0] != SIGNUP} == {
        key: numbers for key, numbers in summed.items() if key[0] != SIGNUP
    }
