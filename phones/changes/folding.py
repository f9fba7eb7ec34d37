"""Folds lines of history into happenings: what one thing that happened left behind is one happening. Pure.

One reading often changes several facts of a number. An event of Meta's and the reading that it starts say the same
thing twice. A number that moves is missed by one WABA and listed by another. What one sync saw for the first time is
one happening for each client, and for the desk where it saw many clients at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple, TypeAlias

from phones.changes.verdict import Direction, Topic, Verdict, between, is_first_fact, topic_of, verdict_on
from phones.choices import ChangeKind

# The WABAs of one reading are asked for one after the other.
READING_TAKES = timedelta(minutes=2)
# An event has its WABA read within seconds, or as soon as the limits on calls let it.
READING_FOLLOWS = timedelta(minutes=30)
# A reading may see what Meta reports a little later.
EVENT_FOLLOWS = timedelta(minutes=5)
# A sync of a whole book reads its WABAs one after the other, and the facts of a new WABA a little later.
ARRIVALS_WITHIN = timedelta(hours=1)
# Arrivals at more clients than this at once are one happening: the desk was connected, or a book came along.
MANY_CLIENTS = 5
_NEITHER = Verdict(Direction.NEITHER)
_OF_ARRIVAL = frozenset({ChangeKind.ADDED.value, ChangeKind.LISTED.value})

Subject: TypeAlias = tuple[bool, int | None]


class ChangeRow(NamedTuple):
    """A line of history with what judging it takes. `is_registered`: its number is; `client_id`: whose it is now."""

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
    client_id: int | None = None
    is_registered: bool = False

    @property
    def subject(self) -> Subject:
        """Whether it is about a number, and the key of that number or of the WABA that it is about."""
        return self.number_id is not None, self.number_id or self.waba_id


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a number, to a WABA, or to several of them that were first seen together.

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
    def is_arrival(self) -> bool:
        """Whether it is that numbers or WABAs were seen for the first time."""
        return is_arrival(self.changes)

    @property
    def arrived_wabas(self) -> list[int]:
        """The keys of the WABAs that were seen for the first time."""
        found = (change.waba_id for change in self.changes if change.number_id is None and change.waba_id is not None)
        return list(dict.fromkeys(found)) if self.is_arrival else []

    @property
    def got_worse(self) -> bool:
        """Whether it is for the worse, and not better again since."""
        return self.verdict.direction == Direction.WORSE and not self.is_over


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
        if readings and _is_same_reading(readings[-1], row):
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


def is_arrival(cluster: Iterable[ChangeRow]) -> bool:
    """Whether these lines say that something was seen for the first time, with its first facts, and nothing else."""
    rows = list(cluster)
    return any(row.kind == ChangeKind.ADDED for row in rows) and all(
        row.kind in _OF_ARRIVAL or is_first_fact(row) for row in rows
    )


def _is_same_reading(reading: Sequence[ChangeRow], next_one: ChangeRow) -> bool:
    one = reading[-1]
    if reading[0].kind == ChangeKind.ADDED and is_first_fact(next_one):
        return next_one.at - reading[0].at <= ARRIVALS_WITHIN
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
    """The same, with what one sync saw for the first time as one for each client, or as one for many clients."""
    arrivals: list[list[ChangeRow]] = []
    others: list[list[ChangeRow]] = []
    for cluster in clusters:
        (arrivals if is_arrival(cluster) else others).append(cluster)
    syncs: list[list[list[ChangeRow]]] = []
    for cluster in sorted(arrivals, key=lambda cluster: _by_time(cluster[0])):
        if syncs and cluster[0].at - syncs[-1][0][0].at <= ARRIVALS_WITHIN:
            syncs[-1].append(cluster)
        else:
            syncs.append([cluster])
    for sync in syncs:
        by_client: dict[int | None, list[ChangeRow]] = defaultdict(list)
        for cluster in sync:
            by_client[cluster[0].client_id].extend(cluster)
        together = [list(chain.from_iterable(sync))] if len(by_client) > MANY_CLIENTS else by_client.values()
        others.extend(together)
    return others


def _latest_values(rows: Sequence[ChangeRow]) -> dict[str, ChangeRow]:
    """The last line of each field, and of where the number is."""
    return {row.field if row.kind == ChangeKind.FIELD else "": row for row in rows if row.kind != ChangeKind.EVENT}


def _happening(cluster: Sequence[ChangeRow], latest: Mapping[Subject, Mapping[str, ChangeRow]]) -> Happening:
    in_the_end = _latest_values(cluster)
    verdicts = [_verdict_in(row, in_the_end) for row in cluster]
    worst = max(verdicts, key=lambda verdict: verdict.severity)
    if worst.direction != Direction.WORSE:
        worst = next((verdict for verdict in verdicts if verdict.direction == Direction.BETTER), worst)
    worse = [row for row, verdict in zip(cluster, verdicts, strict=True) if verdict.direction == Direction.WORSE]
    stated = [row for row in worse if row.kind != ChangeKind.EVENT]
    is_over = bool(stated) and all(_is_over(row, latest[row.subject]) for row in stated)
    return Happening(tuple(cluster), worst, frozenset(topic_of(row) for row in cluster), is_over)


def _verdict_in(row: ChangeRow, in_the_end: Mapping[str, ChangeRow]) -> Verdict:
    """The verdict on a line, unless a later line of the same happening takes it back."""
    verdict = verdict_on(row, is_registered=row.is_registered)
    return _NEITHER if verdict.direction != Direction.NEITHER and _is_over(row, in_the_end) else verdict


def _is_over(row: ChangeRow, latest: Mapping[str, ChangeRow]) -> bool:
    """Whether the later ones of these lines take back what `row` made worse."""
    if row.kind == ChangeKind.EVENT:
        return False
    if row.kind != ChangeKind.FIELD:
        return latest[""].kind in {ChangeKind.BACK, ChangeKind.MOVED, ChangeKind.LISTED}
    if latest[row.field] is row:
        return False
    now = latest[row.field].new
    return between(row, row.new, now, is_registered=row.is_registered).direction == Direction.BETTER
