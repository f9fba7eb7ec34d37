"""Which time a person asks for changes of: since they last looked, yesterday, a week, all, or days of their choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

NEW, YESTERDAY, WEEK, ALL = "new", "yesterday", "week", "all"
NAMED = {NEW: "Since I last looked", YESTERDAY: "Since yesterday", WEEK: "7 days", ALL: "All"}


@dataclass(frozen=True, slots=True)
class Period:
    """`value` is its name, empty for days. `since` and `until` bound when it happened; `note` says what was wrong."""

    value: str
    since: datetime | None = None
    until: datetime | None = None
    note: str = ""

    @property
    def is_new(self) -> bool:
        return self.value == NEW


def period_of(name: str, day: str = "", until: str = "") -> Period:
    """The time that an address asks for by its days, else by a name; what is new where it asks for none."""
    today = timezone.localdate()
    if day or until:
        return _of_days(day, until, today)
    if name == YESTERDAY:
        return Period(YESTERDAY, _start_of(today - timedelta(days=1)))
    if name == WEEK:
        return Period(WEEK, _start_of(today - timedelta(days=7)))
    if name == ALL:
        return Period(ALL)
    known = name in {"", NEW}
    return Period(NEW, note="" if known else f"“{name[:50]}” is no time to look at. There are: {', '.join(NAMED)}.")


def _of_days(first: str, last: str, today: date) -> Period:
    days: list[date | None] = []
    for text in (first, last):
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            return Period(NEW, note=f"“{text[:50]}” is no day. A day is written like {today.isoformat()}.")
    since, until = days
    if since is not None and since > today:
        return Period(NEW, note="That day has not come yet. Here is what is new.")
    if since is not None and until is not None and until < since:
        return Period(NEW, note="The last day lies before the first. Here is what is new.")
    try:
        return Period("", since and _start_of(since), until and _start_of(until + timedelta(days=1)))
    except OverflowError:
        return Period("", since and _start_of(since))


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
