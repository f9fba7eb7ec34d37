"""How many numbers of a book must be registered on each of the next days. One statement."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from phones.models import PhoneNumber

DAYS = 14


@dataclass(frozen=True, slots=True)
class DeadlineDay:
    day: datetime.date
    numbers: int
    is_today: bool


def deadlines_of(numbers: QuerySet[PhoneNumber]) -> list[list[DeadlineDay | None]]:
    """The next 14 days by the week, beginning on Mondays; None for days of these weeks that are not among them."""
    now = timezone.now()
    today = timezone.localdate()
    days = [today + datetime.timedelta(days=each) for each in range(DAYS)]
    end = timezone.make_aware(datetime.datetime.combine(days[-1] + datetime.timedelta(days=1), datetime.time.min))
    ahead = numbers.filter(registration_deadline__gt=now, registration_deadline__lt=end).order_by()
    by_day = ahead.annotate(day=TruncDate("registration_deadline", tzinfo=timezone.get_current_timezone()))
    counts = Counter(dict(by_day.values_list("day").annotate(Count("pk"))))
    cells: list[DeadlineDay | None] = [None] * today.weekday()
    cells += [DeadlineDay(day, counts[day], day == today) for day in days]
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]
