"""Of which time a person asks for changes: since they last looked, yesterday, a week, a month, or chosen days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

NEW, YESTERDAY, WEEK, MONTH = "new", "yesterday", "week", "month"
NAMED = {NEW: "Since I last looked", YESTERDAY: "Since yesterday", WEEK: "7 days", MONTH: "30 days"}


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
    if name == MONTH:
        return Period(MONTH, _start_of(today - timedelta(days=30)))
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
        behind = _start_of(until + timedelta(days=1)) if until else None
        return Period("", _start_of(since) if since else None, behind)
    except OverflowError:
        return Period(NEW, note="That day lies too far off. Here is what is new.")


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
