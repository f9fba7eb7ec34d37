"""What is counted of each day: whose numbers stood where, for how long it is kept, and what an update leaves behind."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client, Waba
from phones.models import ClientCount, DailyCount, PhoneNumber
from phones.numbers import standing
from phones.pictures.daily import KEPT_FOR, SIGNUP, count_numbers, counts_of
from tests.factories import make_number

pytestmark = pytest.mark.django_db

BEFORE = timezone.localdate() - datetime.timedelta(days=20)


def count_on(day: datetime.date, monkeypatch: pytest.MonkeyPatch) -> None:
    standing.recompute(PhoneNumber.objects.values_list("pk", flat=True))
    with monkeypatch.context() as of_day:
        of_day.setattr(timezone, "localdate", lambda *_: day)
        count_numbers()


def test_a_day_that_nobody_counted_is_not_told_and_the_next_says_what_it_found(
    alices_waba: Waba, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_number(alices_waba)
    count_on(BEFORE, monkeypatch)
    make_number(alices_waba)
    count_on(BEFORE + datetime.timedelta(days=3), monkeypatch)

    found = counts_of(Client.objects.filter(pk=alices_waba.client_id))

    assert found.days == [BEFORE, BEFORE + datetime.timedelta(days=3)]
    assert found.of("quality_rating") == {"GREEN": [1, 2]}


def test_a_value_that_no_drawn_day_has_is_not_told(alices_waba: Waba, monkeypatch: pytest.MonkeyPatch) -> None:
    number = make_number(alices_waba, quality_rating="RED")
    for days in range(16):
        count_on(BEFORE + datetime.timedelta(days=days), monkeypatch)
        number.quality_rating = "GREEN"
        number.save(update_fields=["quality_rating"])

    found = counts_of(Client.objects.filter(pk=alices_waba.client_id))

    assert BEFORE not in found.days
    assert "RED" not in found.of("quality_rating")


def test_what_is_older_than_400_days_is_deleted_but_for_what_still_holds(alices_waba: Waba) -> None:
    client, old = alices_waba.client, timezone.localdate() - KEPT_FOR - datetime.timedelta(days=2)
    make_number(alices_waba)
    green = {"client": client, "field": "quality_rating", "value": "GREEN", "since": old}
    ClientCount.objects.create(numbers=2, until=old + datetime.timedelta(days=1), **green)
    ClientCount.objects.create(numbers=1, **green)
    DailyCount.objects.create(day=old, field="quality_rating", value="GREEN", numbers=3)

    count_numbers()

    kept = ClientCount.objects.filter(field="quality_rating").values_list("numbers", "since", "until")
    assert list(kept) == [(1, old, ClientCount.STILL)]
    assert not DailyCount.objects.filter(day=old).exists()


def test_signups_are_told_as_counted_last_and_have_no_history(
    alices_waba: Waba, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    for days in (3, 2, 0):
        make_number(alices_waba)
        count_on(today - datetime.timedelta(days=days), monkeypatch)
    make_number(alices_waba)
    count_on(today, monkeypatch)

    (told,) = counts_of(Client.objects.filter(pk=alices_waba.client_id)).of(SIGNUP).values()

    assert told[-1] == 4
    rows = ClientCount.objects.filter(field=SIGNUP).order_by("since", "pk").values_list("numbers", "until")
    assert list(rows) == [(2, today), (4, ClientCount.STILL)]


def test_counts_of_a_client_from_before_go_one_day_at_a_time_the_oldest_first(alices_waba: Waba) -> None:
    make_number(alices_waba)
    for days in (0, 1):
        for client in (None, alices_waba.client):
            day = BEFORE + datetime.timedelta(days=days)
            DailyCount.objects.create(day=day, client=client, field="stage", value="ready", numbers=1)
    days_of_client = DailyCount.objects.filter(client=alices_waba.client).values_list("day", flat=True)

    count_numbers()
    assert list(days_of_client.all()) == [BEFORE + datetime.timedelta(days=1)]
    count_numbers()

    assert list(days_of_client.all()) == []
    assert DailyCount.objects.filter(client=None, day=BEFORE).exists()
