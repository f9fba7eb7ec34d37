"""Reads the figures from the database, so that every process tells the same ones whoever is asked."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, Value
from django.utils import timezone

from clients.models import Credential, SyncFailure, SyncRun, Waba
from phones.alert_choices import DispatchState
from phones.bulk_choices import BulkState
from phones.choices import ActionState, EventState
from phones.figures.figure import Figure, Labels
from phones.models import Action, BulkRun, DailyCount, Dispatch, Event, Heartbeat, Onboarding
from phones.pictures.daily import QUALITY, STAGE

_HOUR = datetime.timedelta(hours=1)


def read() -> list[Figure]:
    """All figures of this moment; one statement for each of the groups below."""
    now = timezone.now()
    groups = (_heartbeats, _wabas, _tokens, _failed_readings, _events, _open_work, _numbers)
    return [figure for group in groups for figure in group(now)]


def _heartbeats(now: datetime.datetime) -> Iterator[Figure]:
    beats = list(Heartbeat.objects.values_list("name", "at", "clock_ahead_seconds"))
    ages: dict[Labels, float] = {(("work", name),): _seconds(now, at) for name, at, _ in beats}
    yield Figure("heartbeat_age_seconds", "How long ago a piece of scheduled work last ran to its end.", ages)
    off = max((abs(ahead) for _, at, ahead in beats if now - at < _HOUR), default=None)
    yield _one("clock_off_seconds", "How far the worst clock of the last hour was off the database's.", off)


def _wabas(now: datetime.datetime) -> Iterator[Figure]:
    readable = Q(pk__in=Waba.objects.readable(now).order_by().values("pk"))
    due = readable & Q(next_sync_at__lte=now)
    found = Waba.objects.aggregate(
        all=Count("pk"),
        readable=Count("pk", filter=readable),
        waiting=Count("pk", filter=Q(not_before__gt=now)),
        due=Count("pk", filter=due),
        longest_due=Min("next_sync_at", filter=due),
        longest_wait=Max("not_before"),
        oldest=Min("last_synced_at", filter=readable),
    )
    yield Figure(
        "wabas",
        "WABAs: those that can be read now, those that Meta asked to leave alone for a while, and the others.",
        {
            (("state", "readable"),): found["readable"],
            (("state", "waiting"),): found["waiting"],
            (("state", "unreadable"),): max(found["all"] - found["readable"] - found["waiting"], 0),
        },
    )
    yield _one("wabas_due", "WABAs that can be read now and whose next reading is due.", found["due"])
    late = _seconds(now, found["longest_due"]) if found["longest_due"] else 0
    yield _one("longest_overdue_seconds", "How long the reading that waits longest has been due.", late)
    age = _seconds(now, found["oldest"]) if found["oldest"] else None
    yield _one("oldest_reading_seconds", "How old the oldest reading of a WABA is that can be read.", age)
    wait = max(-_seconds(now, found["longest_wait"]), 0) if found["longest_wait"] else 0
    yield _one("longest_wait_seconds", "For how long from now Meta wants a WABA left alone, the longest of all.", wait)


def _tokens(now: datetime.datetime) -> Iterator[Figure]:
    rows = Credential.objects.order_by().values_list("state").annotate(count=Count("pk"))
    waiting = rows.annotate(waiting=Count("pk", filter=Q(not_before__gt=now)))
    found = {state: (count, waits) for state, count, waits in waiting}
    yield Figure("tokens", "Tokens by state.", {(("state", state),): count for state, (count, _) in found.items()})
    yield _one("tokens_waiting", "Tokens that Meta asked to leave alone.", sum(waits for _, waits in found.values()))


def _failed_readings(now: datetime.datetime) -> Iterator[Figure]:
    rows = SyncFailure.objects.filter(at__gte=now - _HOUR).order_by().values_list("kind")
    yield Figure(
        "failed_readings_last_hour",
        "Readings that failed within the last hour, by kind of failure.",
        {(("kind", kind),): count for kind, count in rows.annotate(count=Count("pk"))},
    )


def _events(now: datetime.datetime) -> Iterator[Figure]:
    lately, waiting = Q(received_at__gte=now - _HOUR), Q(state=EventState.WAITING, attempts=0)
    found = Event.objects.filter(lately | Q(state=EventState.WAITING)).aggregate(
        received=Count("pk", filter=lately),
        waiting=Count("pk", filter=waiting),
        oldest=Min("received_at", filter=waiting),
        lag=Avg(F("processed_at") - F("received_at"), filter=lately),
        unclear=Count("pk", filter=lately & Q(state__in=[EventState.UNKNOWN, EventState.MALFORMED, EventState.FAILED])),
    )
    yield _one("events_last_hour", "Events that Meta sent within the last hour.", found["received"])
    yield _one("events_unclear_last_hour", "Those that the desk could not make anything of.", found["unclear"])
    yield _one("events_waiting", "Events that nobody has read yet.", found["waiting"])
    oldest = _seconds(now, found["oldest"]) if found["oldest"] else 0
    yield _one("longest_waiting_event_seconds", "How long the oldest of these has waited.", oldest)
    lag = found["lag"].total_seconds() if found["lag"] is not None else None
    yield _one("event_lag_seconds", "From an event's arrival until it was applied, on average of the hour.", lag)


def _open_work(_now: datetime.datetime) -> Iterator[Figure]:
    """In one statement, since each of these tables has few rows that are open."""
    parts = [
        _states(SyncRun.objects.filter(finished_at=None), "run"),
        _states(
            Action.objects.filter(state__in=[ActionState.PENDING, ActionState.SENT, ActionState.UNKNOWN]), "action"
        ),
        _states(BulkRun.objects.filter(state__in=[BulkState.RUNNING, BulkState.PAUSED]), "bulk run"),
        _states(Dispatch.objects.filter(state__in=[DispatchState.WAITING, DispatchState.SENDING]), "mail"),
        Onboarding.objects.unfinished().order_by().values_list(Value("onboarding"), Value("open"), Count("pk")),
    ]
    rows = parts[0].union(*parts[1:], all=True)
    yield Figure(
        "open_work",
        "What is not finished: sync runs, actions at Meta, bulk runs, mails, onboardings, by state.",
        {(("work", work), ("state", state)): count for work, state, count in rows if count},
    )


def _numbers(now: datetime.datetime) -> Iterator[Figure]:
    """As they were last counted: `phones.pictures.daily` does so every 15 minutes."""
    today = timezone.localdate(now)
    rows = DailyCount.objects.filter(client=None, day=today, field__in=[STAGE, QUALITY]).order_by()
    counts: dict[str, dict[Labels, float]] = {STAGE: {}, QUALITY: {}}
    for name, value, numbers in rows.values_list("field", "value", "numbers"):
        counts[name][((name, value or "none"),)] = numbers
    yield Figure("numbers_by_stage", "Numbers by stage, counted every 15 minutes.", counts[STAGE])
    yield Figure("numbers_by_quality", "Numbers by quality_rating, counted every 15 minutes.", counts[QUALITY])


def _states(rows: QuerySet[Any], work: str) -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = rows.order_by().values_list(Value(work), "state").annotate(count=Count("pk"))
    return counted


def _one(name: str, meaning: str, value: float | None) -> Figure:
    values: Mapping[Labels, float] = {} if value is None else {(): value}
    return Figure(name, meaning, values)


def _seconds(now: datetime.datetime, at: datetime.datetime) -> float:
    return (now - at).total_seconds()
