"""The slow lane beside the sync: asks for the `health_status` of numbers in service and of their WABAs.

Once a day, and soon after something of a number or a WABA changed. It has rows, leases and waits of its own, so that
nothing that happens here touches the sync; both keep below half of a WABA's quota. Graph is asked by a few threads,
the database by the thread that calls, and no transaction is open meanwhile.
"""

import datetime
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from clients import leases
from clients.access import NoTokenError, graph_client, meter, token_now
from clients.models import SyncFailure, User, Waba
from phones.choices import Source
from phones.models import Change, Health, PhoneNumber
from phones.numbers import conditions, rules
from phones.sync import pace, write_health
from phones.sync.first_calls import HANDFUL, OutOfCalls
from portal import database_clock, stopping, tracing
from portal.graph import GraphClient, GraphError, HealthReading, Meter

log = structlog.get_logger(__name__)

THREADS = HANDFUL
# Rows in the hands of one worker at a time: so many calls at most are made with a token that Meta refuses.
BATCH = HANDFUL
CALL_SECONDS = 20
# For a page that a person waits for, after the number itself was read.
PAGE_SECONDS = 4
# What changes in a row is read once: the first change has it read, the rest a while later.
BETWEEN_CHANGES = datetime.timedelta(minutes=10)
# Numbers of one WABA: 2,000 calls though each should change all the time, which is half of the 5,000 an hour that Meta
# grants for a WABA with a registered number, less what the sync takes.
MOST_AN_HOUR = 2_000 // (datetime.timedelta(hours=1) // BETWEEN_CHANGES)
# When a row is due again whose worker died.
AFTER_LOSS = datetime.timedelta(minutes=10)
MOST_NEW = 5_000


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of asking for the health of one row."""

    row: Health
    asked_at: datetime.datetime
    meter: Meter
    reading: HealthReading | None = None
    error: GraphError | None = None


def gather() -> bool:
    """Give every number in service and its WABA a row, and those that changed their turn; whether any is due."""
    now = database_clock.now()
    in_service = PhoneNumber.objects.filter(conditions.SEEMS_IN_SERVICE, missing_since=None)
    numbers = in_service.filter(health=None).values_list("pk", flat=True)[:MOST_NEW]
    wabas = Waba.objects.filter(Exists(in_service.filter(waba=OuterRef("pk"))), health=None).values_list(
        "pk", flat=True
    )
    new = [Health(waba_id=pk, next_read_at=now) for pk in wabas]
    new += [Health(number_id=pk, next_read_at=now) for pk in numbers]
    Health.objects.bulk_create(new, ignore_conflicts=True)
    of_number = Change.objects.filter(number=OuterRef("number"), at__gt=OuterRef("tried_at"))
    of_waba = Change.objects.filter(waba=OuterRef("waba"), number=None, at__gt=OuterRef("tried_at"))
    # One that could not be read waits its time, whatever changes.
    rested = Health.objects.filter(tried_at__lt=now - BETWEEN_CHANGES, next_read_at__gt=now, failures_in_a_row=0)
    rested.filter(Exists(of_number) | Exists(of_waba)).update(next_read_at=now)
    return _due(now).exists()


def work(*, seconds: float, client: GraphClient | None = None) -> int:
    """Read what is due until nothing is, or until `seconds` have passed; gives how many were read."""
    stop_at, holder = time.monotonic() + seconds, uuid.uuid4()
    asks, read, out_of_calls = client or graph_client(), 0, OutOfCalls()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="health") as pool:
        while not stopping.turn_is_over(stop_at) and (rows := _take(holder)):
            tokens = [_token_for(row) for row in rows]
            ready = [(row, token) for row, token in zip(rows, tokens, strict=True) if token is not None]
            for answer in pool.map(tracing.carried(lambda pair: _ask(asks, *pair)), ready):
                read += _record(answer, holder)
                waba = _waba_of(answer.row)
                if out_of_calls.hears(answer.error, credential=waba.credential_id or 0, waba=waba.pk):
                    write_health.leave_alone(_all_of_token(waba), until=database_clock.now() + pace.BUSY_INTERVAL)
    return read


def read_now(*, number: PhoneNumber, user: User) -> None:
    """Read the health of `number` for a person who waits. What stood in the way stands on the row; raises nothing."""
    if not rules.seems_in_service(number):
        return
    row, _ = Health.objects.get_or_create(number=number)
    now = database_clock.now()
    try:
        token = token_now(number.waba.credential, number.waba, at=now, for_person=True)
    except NoTokenError as error:
        write_health.note_failure(row, error.failure(at=now).error_columns, next_read_at=row.next_read_at)
        return
    answer = _ask(graph_client(), row, token, seconds=PAGE_SECONDS)
    _write(answer, source=Source.ACTION, actor=user)


def _due(now: datetime.datetime) -> QuerySet[Health]:
    """What to read at `now`: numbers in service that are listed, and their WABAs, where Meta may be asked."""
    waiting = Health.objects.filter(not_before__gt=now, waba__isnull=False).values("waba")
    recent = Health.objects.filter(tried_at__gt=now - datetime.timedelta(hours=1), number__isnull=False).order_by()
    spent = recent.values("number__waba").annotate(n=Count("pk")).filter(n__gte=MOST_AN_HOUR).values("number__waba")
    wabas = Waba.objects.readable(now).exclude(pk__in=waiting)
    in_service = PhoneNumber.objects.filter(conditions.SEEMS_IN_SERVICE, missing_since=None)
    of_wabas = Q(waba__in=wabas) & Exists(in_service.filter(waba=OuterRef("waba")))
    of_numbers = Q(number__in=in_service.filter(waba__in=wabas.exclude(pk__in=spent)))
    return Health.objects.filter(of_wabas | of_numbers, leases.free(now), next_read_at__lte=now)


def _take(holder: uuid.UUID) -> list[Health]:
    """Some due rows, now held by `holder`: WABAs first, since what they say is said of all their numbers."""
    now = database_clock.now()
    candidates = list(
        _due(now).order_by(F("waba").asc(nulls_last=True), "next_read_at").values_list("pk", flat=True)[:BATCH]
    )
    span = datetime.timedelta(seconds=settings.SYNC_LEASE_SECONDS + CALL_SECONDS)
    due = Health.objects.filter(pk__in=candidates, next_read_at__lte=now)
    leases.take(due, holder=holder, span=span, tried_at=now, next_read_at=now + AFTER_LOSS)
    held = Health.objects.filter(pk__in=candidates, lease_token=holder)
    return list(held.select_related("number__waba__credential", "waba__credential"))


def _token_for(row: Health) -> str | None:
    waba, now = _waba_of(row), database_clock.now()
    try:
        return token_now(waba.credential, waba, at=now)
    except NoTokenError as error:
        until = error.retry_at or now + write_health.EVERY
        write_health.note_failure(row, error.failure(at=now).error_columns, next_read_at=until)
        return None


def _ask(client: GraphClient, row: Health, token: str, *, seconds: float = CALL_SECONDS) -> _Answer:
    """Ask Graph about one row; raises nothing of Graph's. Runs in a thread: no database here."""
    asked_at, call_meter = database_clock.now(), meter(seconds)
    try:
        if row.number is not None:
            reading = client.number_health(row.number.phone_number_id, token=token, meter=call_meter)
        else:
            reading = client.waba_health(_waba_of(row).waba_id, token=token, meter=call_meter)
    except GraphError as error:
        return _Answer(row, asked_at, call_meter, error=error)
    return _Answer(row, asked_at, call_meter, reading)


def _record(answer: _Answer, holder: uuid.UUID) -> bool:
    """Store an answer if `holder` still holds the row; whether it was a reading. What can't be stored ends nothing."""
    if not Health.objects.filter(pk=answer.row.pk, lease_token=holder).exists():
        return False
    try:
        _write(answer, source=Source.SYNC, actor=None)
    except DatabaseError:
        log.exception("What Graph said of the health of a number or WABA could not be stored.", health=answer.row.pk)
        return False
    return answer.reading is not None


def _write(answer: _Answer, *, source: Source, actor: User | None) -> None:
    row, error, now = answer.row, answer.error, database_clock.now()
    if answer.reading is not None:
        write_health.store(row, answer.reading, asked_at=answer.asked_at, source=source, actor=actor)
        if answer.meter.usage.worst_percent() >= pace.BUSY_PERCENT:
            write_health.leave_alone([_waba_of(row).pk], until=now + pace.spread(pace.BUSY_INTERVAL))
    elif error is not None:
        failures = row.failures_in_a_row + 1
        turn = pace.after_failure(error, failures_in_a_row=failures, now=now, interval=write_health.EVERY)
        failure = SyncFailure.of(error, at=answer.asked_at)
        write_health.note_failure(row, failure.error_columns, next_read_at=turn.next_sync_at)
        write_health.leave_alone(_spared(row, error), until=turn.not_before or now + pace.BUSY_INTERVAL)


def _spared(row: Health, error: GraphError) -> Sequence[int]:
    """The WABAs (keys) on which no health is read for a while after `error`.

    Where it is about the token or the app, all that are read with that token.
    """
    waba = _waba_of(row)
    if pace.is_of_the_token(error):
        return _all_of_token(waba)
    return [waba.pk] if error.kind == "throttled" else []


def _all_of_token(waba: Waba) -> list[int]:
    return list(Waba.objects.filter(credential=waba.credential_id).values_list("pk", flat=True))


def _waba_of(row: Health) -> Waba:
    waba = row.number.waba if row.number is not None else row.waba
    assert waba is not None  # noqa: S101 - a constraint of the table
    return waba
