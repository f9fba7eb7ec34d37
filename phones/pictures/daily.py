"""Counts the numbers of each client every 15 minutes for the day, and gives the counts of a book over time.

A count of a day replaces the one before it, so that counting twice changes nothing; the last of a day stays.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from clients.models import Client
from phones.models import ClientCount, DailyCount, PhoneNumber
from phones.numbers import conditions
from phones.numbers.lifecycle import Stage
from phones.pictures import intervals

STAGE, QUALITY, SIGNUP = "stage", "quality_rating", "signup_week"
IN_TIME, OPEN, MISSED = "in time", "open", "missed"
SIGNUPS_COUNTED = datetime.timedelta(days=91)
KEPT_FOR = datetime.timedelta(days=400)
DRAWN = datetime.timedelta(days=90)
COLUMNS = 14
_BATCH = 1_000
_NOT_RETURNED = ""

Row = TypeVar("Row", DailyCount, ClientCount)


@dataclass
class Counted:
    """The counts of a book: the days that they are of, oldest first, and for each field and value one count a day."""

    days: list[datetime.date] = field(default_factory=list)
    counts: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    known_from: datetime.date | None = None

    def of(self, name: str) -> dict[str, list[int]]:
        return self.counts.get(name, {})


def count_numbers() -> None:
    """Count the numbers of today, by client and for all together."""
    today = timezone.localdate()
    of_clients: Counter[tuple[int, str, str]] = Counter()
    of_all: Counter[tuple[str, str]] = Counter()
    for client, name, value, numbers in _counted_now():
        of_clients[client, name, value[:60]] += numbers
        of_all[name, value[:60]] += numbers
    rows = [
        DailyCount(day=today, field=name, value=value, numbers=numbers) for (name, value), numbers in of_all.items()
    ]
    with transaction.atomic():
        # First, because there is one row of each: who counts at the same time waits for it.
        DailyCount.objects.filter(day__gte=today, client=None).delete()
        DailyCount.objects.bulk_create(rows, batch_size=_BATCH)
        intervals.keep(of_clients, today)
        _tidy(today)


def _tidy(today: datetime.date) -> None:
    """Delete what is older than 400 days, counts of signups that hold no longer, and what was kept before intervals.

    Of the latter one day at a time.
    """
    DailyCount.objects.filter(day__lt=today - KEPT_FOR).delete()
    ClientCount.objects.filter(until__lt=today - KEPT_FOR).delete()
    # Drawn by the weeks that they are of, as they were counted last.
    ClientCount.objects.filter(field=SIGNUP, until__lt=today).delete()
    # The oldest day first: the code of before, where it still runs, draws the latest.
    oldest = DailyCount.objects.exclude(client=None).order_by("day").values("day")[:1]
    DailyCount.objects.exclude(client=None).filter(day=Subquery(oldest)).delete()


def _counted_now() -> list[tuple[int, str, str, int]]:
    numbers = PhoneNumber.objects.order_by()
    found = [
        (client, name, value if value is not None else _NOT_RETURNED, count)
        for name in (STAGE, QUALITY)
        for client, value, count in numbers.values_list("client", name).annotate(counted=Count("pk"))
    ]
    return found + _signups_now(numbers)


def _signups_now(numbers: QuerySet[PhoneNumber]) -> list[tuple[int, str, str, int]]:
    """The numbers that signed up lately by the week of that, and whether they were registered in time.

    Meta takes no registration after the time is over, so that a registered number was registered in time.
    """
    since = timezone.now() - SIGNUPS_COUNTED
    recent = numbers.filter(last_onboarded_time__gte=since)
    registered = recent.filter(conditions.IS_REGISTERED)
    missed = recent.filter(stage=Stage.WINDOW_CLOSED)
    still_open = recent.filter(registration_deadline__gt=timezone.now()).exclude(conditions.IS_REGISTERED)
    weeks: Counter[tuple[int, str]] = Counter()
    for outcome, rows in ((IN_TIME, registered), (MISSED, missed), (OPEN, still_open)):
        for client, signed_up in rows.values_list("client", "last_onboarded_time").iterator():
            day = timezone.localtime(signed_up).date()
            weeks[client, f"{day - datetime.timedelta(days=day.weekday())}:{outcome}"] += 1
    return [(client, SIGNUP, value, count) for (client, value), count in weeks.items()]


def counts_of(clients: QuerySet[Client] | None) -> Counted:
    """The counts of these clients, or with None of all together, over the last 90 days. Two statements.

    Signups are told of the latest day only: they are drawn by their own weeks.
    """
    since = timezone.localdate() - DRAWN
    of_all = DailyCount.objects.filter(client=None, day__gte=since).order_by()
    known = sorted(of_all.values_list("day", flat=True).distinct())
    if not known:
        return Counted()
    days = _drawn(known)
    counts: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for name, value, *numbers in _of_all(days) if clients is None else _of_clients(clients, days):
        if any(numbers):
            counts[name][value] = numbers
    return Counted(days, dict(counts), known[0])


def _of_all(days: Sequence[datetime.date]) -> QuerySet[DailyCount, Any]:
    rows = DailyCount.objects.filter(~Q(field=SIGNUP) | Q(day=days[-1]), client=None, day__in=days)
    return _summed(rows, [Q(day=day) for day in days])


def _of_clients(clients: QuerySet[Client], days: Sequence[datetime.date]) -> QuerySet[ClientCount, Any]:
    rows = ClientCount.objects.filter(client__in=clients.order_by().values("pk"), until__gt=days[0])
    return _summed(rows.filter(~Q(field=SIGNUP) | Q(until__gt=days[-1])), [intervals.held_on(day) for day in days])


def _summed(rows: QuerySet[Row], conditions: Iterable[Q]) -> QuerySet[Row, Any]:
    """For each field and value: how many numbers its rows have under each of the conditions."""
    sums = [Sum("numbers", filter=condition, default=0) for condition in conditions]
    by_place = {f"sum_{place}": each for place, each in enumerate(sums)}
    return rows.order_by().values_list("field", "value").annotate(**by_place)


def _drawn(known: Sequence[datetime.date]) -> list[datetime.date]:
    """All of the days while they are few, else the last of each week before the latest."""
    if len(known) <= COLUMNS:
        return list(known)
    latest = known[-1]
    last_of_week = {(latest - day).days // 7: day for day in known}
    return [last_of_week[week] for week in sorted(last_of_week, reverse=True)][-COLUMNS:]
