"""The last 90 days of a number: its connection, name, quality, limit and health as bands. Reads nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from phones.choices import ChangeKind, Status, Tone
from phones.models import Change, Health, PhoneNumber
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.numbers.words import LABELS, describe, describe_health
from phones.pictures.bands import Band, bands_of, place_of
from phones.views.history import HistoryPage

SHOWN = timedelta(days=90)
# More lines than these a number gets only where something flips without end.
LINES_READ = 300
_HEALTH = "can_send_message"
_DRAWN = ("status", "name_status", "quality_rating", "messaging_limit")
_NOT_KNOWN = Status("Not known", Tone.NONE)
_NEVER = (None, None, None)
_NOT_RETURNED = Status("Not returned", Tone.NONE)


@dataclass(frozen=True, slots=True)
class WordedBand:
    """A band with its words; `said` is what fits into it."""

    band: Band
    status: Status
    said: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One fact: its label and its bands, oldest first."""

    field: str
    label: str
    bands: list[WordedBand]


@dataclass(frozen=True, slots=True)
class NinetyDays:
    """The picture. `weeks` are where weeks begin, in percent; `cut_at`: changes before it are too many to be read."""

    since: datetime
    until: datetime
    strips: list[Strip]
    weeks: list[float]
    first_seen_at: datetime
    cut_at: datetime | None

    @property
    def begins_later(self) -> bool:
        """Whether the desk first saw the number within these days."""
        return self.first_seen_at > self.since


def ninety_days_of(number: PhoneNumber, history: HistoryPage) -> NinetyDays | None:
    """The picture, from the newest page of its history with what was read behind it; None on an older page."""
    if history.ends is not None:
        return None
    until = timezone.now()
    since = until - SHOWN
    read = [*history.changes, *history.behind]
    cut_at = read[-1].at if len(read) >= LINES_READ and read[-1].at > since else None
    lines = [line for line in reversed(read) if line.at >= since]
    return NinetyDays(
        since,
        until,
        [_strip(number, field, lines, cut_at, since, until) for field in (*_DRAWN, _HEALTH)],
        [place_of(since + timedelta(days=days), since, until) for days in range(6, 90, 7)],
        number.first_seen_at,
        cut_at,
    )


def _strip(
    number: PhoneNumber,
    field: str,
    lines: Sequence[Change],
    cut_at: datetime | None,
    since: datetime,
    until: datetime,
) -> Strip:
    now_is, known_from, read_at = _now_and_known(number, field)
    if cut_at is not None and known_from is not None:
        known_from = max(known_from, cut_at)
    its = [line for line in lines if line.kind == ChangeKind.FIELD and line.field == field]
    # What was read within a day is taken for the present, as everywhere.
    known_until = read_at if read_at is not None and clocks.is_stale(read_at, now=until) else until
    bands = bands_of(now_is, its, known_from=known_from, known_until=known_until, since=since, until=until)
    label = "Health" if field == _HEALTH else LABELS[field]
    return Strip(field, label, [_worded(band, field) for band in bands])


def _now_and_known(number: PhoneNumber, field: str) -> tuple[object, datetime | None, datetime | None]:
    """What the fact is by its last reading, since when the desk has read it, and when that last reading was."""
    if field != _HEALTH:
        return getattr(number, field), number.first_seen_at, last_answer(number, field)[0]
    health: Health | None = getattr(number, "health", None)
    return (health.can_send_message, health.first_read_at or health.read_at, health.read_at) if health else _NEVER


def _worded(band: Band, field: str) -> WordedBand:
    if not band.is_known:
        status = _NOT_KNOWN
    elif band.value is None:
        status = _NOT_RETURNED
    else:
        value = str(band.value)
        status = describe_health(value) if field == _HEALTH else describe(field, value)
    said = band.room_for(status.label)
    # A letter stands for a value; of what is not known the dashes say enough.
    return WordedBand(band, status, said if band.is_known or len(said) > 1 else "")
