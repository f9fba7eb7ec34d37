"""The inbox: updates put in once, counted, filtered, put back for another reading, and taken out when old."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet

from phones.choices import CONTENT_FIELDS, EventState
from phones.events.intake import Update
from phones.listing.filters import SearchFilter
from phones.listing.search import in_event
from phones.models import Event
from portal import database_clock
from portal.web.filters import ListFilter, ListFilters

KEEP = datetime.timedelta(days=30)
KEEP_PUZZLES = datetime.timedelta(days=90)
KEEP_CONTENT = datetime.timedelta(days=2)
PRUNE_BATCH = 1000
# What only these events say and no reading does is kept: which Multi-Partner Solutions there are.
KEPT = frozenset({"partner_solutions"})
INSERT_BATCH = 500
# More events than these are counted once a minute: it takes as long as the rest of the page.
MANY = 20_000
KEPT_SECONDS = 60
_COUNTS = "event-counts"

Counts = list[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far behind the desk is: events not looked at yet, and since when the oldest of them waits."""

    count: int
    oldest: datetime.datetime | None

    @property
    def is_late(self) -> bool:
        """Whether something has waited longer than a worker that runs would let it."""
        return self.oldest is not None and database_clock.now() - self.oldest > datetime.timedelta(minutes=1)


class EventFilters(ListFilters):
    """Events by what became of them, by Meta's field, and by the WABA that they are about."""

    state = ListFilter("state", label="What became of it", choices=EventState.choices)
    field = ListFilter("field", label="Field")
    waba = ListFilter("waba__waba_id", label="WABA")
    q = SearchFilter(in_event)


@transaction.atomic
def put(updates: Iterable[Update], *, received_at: datetime.datetime) -> None:
    """Store these updates; one that is there already stays as it is. All of them, or a database error."""
    rows = [
        Event(
            digest=update.digest,
            received_at=received_at,
            event_time=update.event_time,
            entry_id=update.entry_id,
            field=update.field,
            event=update.event,
            value=update.value,
            state=EventState.MALFORMED if update.is_malformed else EventState.WAITING,
        )
        for update in updates
    ]
    Event.objects.bulk_create(rows, batch_size=INSERT_BATCH, ignore_conflicts=True)


def backlog() -> Backlog:
    """What waits for its first reading. An event that waits for its WABA to be found is not behind."""
    found = Event.objects.filter(state=EventState.WAITING, attempts=0).aggregate(
        count=Count("pk"), oldest=Min("received_at")
    )
    return Backlog(found["count"], found["oldest"])


def counts(*, since: datetime.datetime) -> Counts:
    """By field and kind of update: how many came since then, and how many of them are in which state."""
    kept: Counts | None = cache.get(_COUNTS)
    if kept is not None:
        return kept
    rows = Event.objects.filter(received_at__gte=since).order_by().values_list("field", "event", "state")
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for field, event, state, count in rows.annotate(counted=Count("*")):
        found[field, event].update({state: count, "total": count})
    states = [state.value for state in EventState]
    counted: Counts = [
        {"field": field, "event": event, **{name: of_kind[name] for name in ("total", *states)}}
        for (field, event), of_kind in sorted(found.items())
    ]
    if sum(of_kind["total"] for of_kind in found.values()) > MANY:
        cache.set(_COUNTS, counted, KEPT_SECONDS)
    return counted


def replay(events: QuerySet[Event]) -> int:
    """Have these events read again; gives how many. What they say lands once, however often they are read."""
    # A known field in another form may be understood by now; what had no field never will be.
    again = events.exclude(state=EventState.WAITING).exclude(state=EventState.MALFORMED, field="")
    put_back = again.update(state=EventState.WAITING, attempts=0, not_before=None, outcome="")
    cache.delete(_COUNTS)
    return put_back


def prune() -> int:
    """Delete old events in small batches; gives how many. What they said stays in the history and in the facts."""
    now = database_clock.now()
    settled = Q(state=EventState.DONE, received_at__lt=now - KEEP)
    puzzles = Q(received_at__lt=now - KEEP_PUZZLES)
    content = Q(field__in=CONTENT_FIELDS, received_at__lt=now - KEEP_CONTENT)
    old = Event.objects.filter(settled | puzzles | content).exclude(state=EventState.WAITING).exclude(field__in=KEPT)
    deleted = 0
    while pks := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
        Event.objects.filter(pk__in=pks).delete()
        deleted += len(pks)
    return deleted
