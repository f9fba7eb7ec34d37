"""How much of Meta's rate limits a unit of work has used, as far as the answers tell.

Reads the two usage headers and keeps the worst figures. Nothing here decides to wait.
Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting/
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

APP_HEADER = "X-App-Usage"
OBJECT_HEADER = "X-Business-Use-Case-Usage"

_PERCENTAGES = ("call_count", "total_cputime", "total_time")
_MOST = 1_000_000
_LONGEST_WAIT = 60  # minutes: what Meta grants, it grants by the hour


@dataclass(slots=True)
class Usage:
    """The worst figures seen. Throttling starts at 100 percent; figures above it occur."""

    app_percent: int = 0
    object_percent: dict[str, int] = field(default_factory=dict)
    """By business object: the WABA id in all samples, the business id according to Meta's text."""
    app_is_told: bool = field(default=False, compare=False)
    """Whether an answer said how much of the app's limit is used, be it nothing."""
    regain_minutes: dict[str, int] = field(default_factory=dict)
    """Minutes until the object may be asked again, for those objects where Meta gave a time."""

    def absorb(self, other: "Usage") -> None:
        """Keeps the worse of both, figure by figure."""
        self.app_percent = max(self.app_percent, other.app_percent)
        self.app_is_told |= other.app_is_told
        for mine, theirs in ((self.object_percent, other.object_percent), (self.regain_minutes, other.regain_minutes)):
            for object_id, figure in theirs.items():
                mine[object_id] = max(mine.get(object_id, 0), figure)

    def worst_percent(self) -> int:
        """The highest figure of all, the app's included; 0 when nothing was reported."""
        return max(self.app_percent, *self.object_percent.values(), 0)

    def wait_for(self, object_id: str) -> timedelta | None:
        """How long Meta says to leave this object alone; None where it says so of others only."""
        minutes = self.regain_minutes.get(object_id)
        return timedelta(minutes=minutes) if minutes else None


class FieldRefusal(NamedTuple):
    """One node refused one field that it was asked for, by name."""

    node_type: str
    field: str
    node_id: str


@dataclass(slots=True)
class Meter:
    """What one unit of work costs, what it was refused, and until when it may go on. Used by one thread at a time."""

    calls: int = 0
    """HTTP requests that may have reached Meta, further tries included."""
    usage: Usage = field(default_factory=Usage)
    refused: set[FieldRefusal] = field(default_factory=set)
    page_limit: int | None = None
    """Items a page, where Graph gave a listing only in smaller pages than were asked for first."""
    deadline: float | None = None
    """A `time.monotonic()` value: no call starts after it and none goes on beyond it."""


def read_retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The wait of the `Retry-After` header, in seconds or as a date beside the server's own; None where there is none.

    Source: RFC 9110, 10.2.3
    """
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        seconds = float(said[:9])
    else:
        try:
            seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
        except (ValueError, TypeError):
            return None
    return timedelta(seconds=min(seconds, _LONGEST_WAIT * 60)) if seconds > 0 else None


def read_usage(headers: Mapping[str, str]) -> Usage | None:
    """The figures in an answer's headers; None when there are none. Whatever else they hold is passed over."""
    app, objects = headers.get(APP_HEADER), headers.get(OBJECT_HEADER)
    if app is None and objects is None:
        return None
    said = _parsed(app)
    usage = Usage(app_percent=_worst(said), app_is_told=any(name in said for name in _PERCENTAGES))
    for object_id, entry in _entries(_parsed(objects)):
        usage.object_percent[object_id] = max(usage.object_percent.get(object_id, 0), _worst(entry))
        minutes = min(_figure(entry.get("estimated_time_to_regain_access")), _LONGEST_WAIT)
        if minutes:
            usage.regain_minutes[object_id] = max(usage.regain_minutes.get(object_id, 0), minutes)
    return usage


def _parsed(header: str | None) -> dict[str, object]:
    try:
        value = json.loads(header or "")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _entries(objects: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    for object_id, entries in objects.items():
        for entry in entries if isinstance(entries, list) else [entries]:
            if isinstance(entry, dict):
                yield object_id, entry


def _worst(entry: dict[str, object]) -> int:
    return max(_figure(entry.get(name)) for name in _PERCENTAGES)


def _figure(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        return 0
    return int(value)
