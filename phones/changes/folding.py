"""Folds lines of history into happenings: what one thing that happened left behind is one happening. Pure.

One reading often changes several facts of a number. An event of Meta's and the reading that it starts say the same
thing twice. A number that moves is missed by one WABA and listed by another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeAlias

from phones.changes.verdict import Direction, Topic, Verdict, between, topic_of, verdict_on
from phones.choices import ChangeKind

# The WABAs of one reading are asked for one after the other.
READING_TAKES = timedelta(minutes=2)
# An event has its WABA read within seconds, or as soon as the limits on calls let it.
READING_FOLLOWS = timedelta(minutes=30)
# A reading may see what Meta reports a little later.
EVENT_FOLLOWS = timedelta(minutes=5)
_NEITHER = Verdict(Direction.NEITHER)

Subject: TypeAlias = tuple[bool, int | None]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A line of history with what judging it takes. `is_registered`: its number is."""

    pk: int
    number_id: int | None
    waba_id: int | None
    kind: str
    field: str
    old: object
    new: object
    source: str
    actor_id: int | None
    at: datetime
    is_registered: bool = False

    @property
    def subject(self) -> Subject:
        """Whether it is about a number, and the key of that number or of the WABA that it is about."""
        return self.number_id is not None, self.number_id or self.waba_id


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a number, to a WABA, or to several numbers that were first seen together.

    `changes` are what it left in the history, in its order. `is_over`: what it made worse is better again by now.
    """

    changes: tuple[ChangeRow, ...]
    verdict: Verdict
    topics: frozenset[Topic]
    is_over: bool = False

    @property
    def key(self) -> int:
        """The key of its newest line."""
        return max(change.pk for change in self.changes)

    @property
    def at(self) -> datetime:
        return max(change.at for change in self.changes)

    @property
    def numbers(self) -> list[int]:
        """The keys of the numbers that it is about; none where it is about a WABA itself."""
        return list(dict.fromkeys(change.number_id for change in self.changes if change.number_id is not None))

    @property
    def waba_id(self) -> int | None:
        return self.changes[-1].waba_id

    @property
    def is_worse(self) -> bool:
        return self.verdict.direction == Direction.WORSE


def fold(rows: Iterable[ChangeRow]) -> list[Happening]:
    """The happenings that `rows` tell of: the worst first, what is over by now behind that, then the newest first."""
    subjects = _by_subject(rows)
    latest = {subject: _latest_values(rows) for subject, rows in subjects.items()}
    return sorted((_happening(cluster, latest) for cluster in _clusters_in(subjects)), key=_urgency)


def count(rows: Iterable[ChangeRow]) -> int:
    """How many happenings `rows` tell of."""
    return len(_clusters_in(_by_subject(rows)))


def _by_subject(rows: Iterable[ChangeRow]) -> dict[Subject, list[ChangeRow]]:
    """The lines of each number and of each WABA itself, oldest first."""
    subjects: dict[Subject, list[ChangeRow]] = defaultdict(list)
    for row in sorted(rows, key=_by_time):
        subjects[row.subject].append(row)
    return subjects


def _by_time(row: ChangeRow) -> tuple[datetime, int]:
    return row.at, row.pk


def _clusters_in(subjects: Mapping[Subject, Sequence[ChangeRow]]) -> list[list[ChangeRow]]:
    return _with_arrivals_together(chain.from_iterable(_clusters_of(rows) for rows in subjects.values()))


_ORDER = {Direction.WORSE: 0, Direction.BETTER: 2, Direction.NEITHER: 3}


def _urgency(one: Happening) -> tuple[int, int, float, int]:
    rank = 1 if one.is_over else _ORDER[one.verdict.direction]
    return rank, -one.verdict.severity, -one.at.timestamp(), -one.key


def _clusters_of(rows: Sequence[ChangeRow]) -> list[list[ChangeRow]]:
    """The lines of one number or WABA, oldest first, cut into what belongs together."""
    if len(rows) == 1:
        return [list(rows)]
    readings: list[list[ChangeRow]] = []
    events = [row for row in rows if row.kind == ChangeKind.EVENT]
    for row in (row for row in rows if row.kind != ChangeKind.EVENT):
        if readings and _is_same_reading(readings[-1][-1], row):
            readings[-1].append(row)
        else:
            readings.append([row])
    spans = [(reading[0].at, reading[-1].at) for reading in readings]
    alone: list[list[ChangeRow]] = []
    for event in events:
        place = _reading_behind(event, spans)
        if place is not None:
            readings[place].append(event)
        elif alone and event.at - alone[-1][-1].at <= READING_TAKES:
            alone[-1].append(event)
        else:
            alone.append([event])
    return [sorted(cluster, key=_by_time) for cluster in (*readings, *alone)]


def _is_same_reading(one: ChangeRow, next_one: ChangeRow) -> bool:
    is_same_source = (one.source, one.actor_id) == (next_one.source, next_one.actor_id)
    return is_same_source and next_one.at - one.at <= READING_TAKES


def _reading_behind(event: ChangeRow, spans: Sequence[tuple[datetime, datetime]]) -> int | None:
    """The place of the reading that `event` belongs to: the next one, else one that came just before it."""
    behind = [(start - event.at, place) for place, (start, _) in enumerate(spans) if start >= event.at]
    if behind and min(behind)[0] <= READING_FOLLOWS:
        return min(behind)[1]
    before = [(event.at - end, place) for place, (start, end) in enumerate(spans) if start < event.at]
    return min(before)[1] if before and min(before)[0] <= EVENT_FOLLOWS else None


def _with_arrivals_together(clusters: Iterable[list[ChangeRow]]) -> list[list[ChangeRow]]:
    """The same, with the numbers that one reading first saw on a WABA as one."""
    arrivals: dict[tuple[int | None, datetime], list[ChangeRow]] = defaultdict(list)
    others = []
    for cluster in clusters:
        if {row.kind for row in cluster} == {ChangeKind.ADDED} and cluster[0].number_id is not None:
            arrivals[cluster[0].waba_id, cluster[0].at].extend(cluster)
        else:
            others.append(cluster)
    return [*others, *arrivals.values()]


def _latest_values(rows: Sequence[ChangeRow]) -> dict[str, ChangeRow]:
    """The last line of each field, and of where the number is."""
    return {row.field if row.kind == ChangeKind.FIELD else "": row for row in rows if row.kind != ChangeKind.EVENT}


def _happening(cluster: Sequence[ChangeRow], latest: Mapping[Subject, Mapping[str, ChangeRow]]) -> Happening:
    in_the_end = _latest_values(cluster)
    verdicts = [
        verdict_on(row, is_registered=row.is_registered)
        if not _is_over(row, in_the_end)
        else Verdict(Direction.NEITHER)
        for row in cluster
    ]
    worst = max(verdicts, key=lambda verdict: verdict.severity)
    if worst.direction != Direction.WORSE:
        worst = next((verdict for verdict in verdicts if verdict.direction == Direction.BETTER), worst)
    worse = [row for row, verdict in zip(cluster, verdicts, strict=True) if verdict.direction == Direction.WORSE]
    stated = [row for row in worse if row.kind != ChangeKind.EVENT]
    is_over = bool(stated) and all(_is_over(row, latest[row.subject]) for row in stated)
    return Happening(tuple(cluster), worst, frozenset(topic_of(row) for row in cluster), is_over)


def _is_over(row: ChangeRow, latest: Mapping[str, ChangeRow]) -> bool:
    """Whether the later ones of these lines take back what `row` made worse."""
    if row.kind == ChangeKind.EVENT:
        return False
    if row.kind != ChangeKind.FIELD:
        return latest[""].kind in {ChangeKind.BACK, ChangeKind.MOVED, ChangeKind.LISTED}
    now = latest[row.field].new
    return between(row, row.new, now, is_registered=row.is_registered).direction == Direction.BETTER
