"""Since when a person asks for changes: since they last looked, yesterday, seven days ago, or a day of their choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

NEW, YESTERDAY, WEEK = "new", "yesterday", "week"
NAMED = {NEW: "Since I last looked", YESTERDAY: "Since yesterday", WEEK: "7 days"}


@dataclass(frozen=True, slots=True)
class Period:
    """`value` as the address spells it. `since` is None for what is new; `note` says what the address got wrong."""

    value: str
    since: datetime | None = None
    day: date | None = None
    note: str = ""

    @property
    def is_new(self) -> bool:
        return self.value == NEW


def period_of(name: str, day: str = "") -> Period:
    """The time that an address asks for by a day, else by a name; what is new where it asks for none."""
    today = timezone.localdate()
    if day:
        return _since_day(day, today)
    if name == YESTERDAY:
        return Period(YESTERDAY, _start_of(today - timedelta(days=1)))
    if name == WEEK:
        return Period(WEEK, _start_of(today - timedelta(days=7)))
    known = name in {"", NEW}
    return Period(NEW, note="" if known else f"“{name[:50]}” is no time to look at. There are: {', '.join(NAMED)}.")


def _since_day(text: str, today: date) -> Period:
    try:
        day = date.fromisoformat(text)
        since = _start_of(day)
    except (ValueError, OverflowError):
        return Period(NEW, note=f"“{text[:50]}” is no day. A day is written like {today.isoformat()}.")
    if day > today:
        return Period(NEW, note="That day has not come yet. Here is what is new.")
    return Period("", since, day)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
