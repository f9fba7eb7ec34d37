"""The tick: what the clock starts. Harmless when it comes twice, late, or in a bunch."""

import datetime

from django.db import connection, transaction

from clients import leases, refused_fields
from clients.choices import RunScope, RunState, RunTrigger
from clients.credentials import environment_credential
from clients.models import Credential, SyncFailure, SyncRun, Waba
from phones.models import Heartbeat
from phones.sync import claims, pace, record, runs, told_use, waits
from portal import database_clock

KEEP_QUIET_RUNS = datetime.timedelta(days=2)
KEEP_RUNS = datetime.timedelta(days=90)
PRUNE_BATCH = 500


def tick() -> bool:
    """Put everything that is due on the work list of a scheduled run; True when there is work for an engine."""
    environment_credential()
    now = database_clock.now()
    _bring_near(now)
    for waba in claims.lost_for_good(now):
        record.note_lost(waba, kind="worker_lost")
    runs.fail_unreadable()
    runs.close_finished()
    _gather_due(now)
    notes = {"asleep": asleep.as_json() if (asleep := waits.asleep()) else None, "tight": told_use.tight()}
    Heartbeat.note("tick", **{name: said for name, said in notes.items() if said is not None})
    return work_is_due()


def work_is_due() -> bool:
    """Whether an engine would find something to do now."""
    now = database_clock.now()
    return Waba.objects.due(now).exists() or claims.due_credentials(now).exists()


def _bring_near(now: datetime.datetime) -> None:
    """Give those a turn now whose turn is further ahead than any that is given: a wrong clock wrote it, or Meta did."""
    furthest = now + max(record.interval(), pace.LONGEST_WAIT) * 2
    for rows in (Waba.objects.all(), Credential.objects.all()):
        rows.filter(next_sync_at__gt=furthest).update(next_sync_at=now, not_before=None, **leases.LET_GO)


def _gather_due(now: datetime.datetime) -> None:
    with transaction.atomic():
        wabas = Waba.objects.due(now).filter(sync_run=None)
        due = list(wabas.values_list("pk", flat=True))
        credentials = claims.due_credentials(now).filter(sync_run=None)
        if not due and not credentials.exists():
            return
        run = SyncRun.objects.create(scope=RunScope.DUE, trigger=RunTrigger.SCHEDULE, started_at=now)
        with_edges = credentials.update(sync_run=run)
        if not runs.attach(run, wabas) and not with_edges:  # somebody has locked all that is due
            transaction.set_rollback(True)


def prune() -> int:
    """Delete old run records, the quiet scheduled ones soon, in small batches; gives how many. History stays."""
    now = database_clock.now()
    finished = SyncRun.objects.filter(state=RunState.FINISHED)
    quiet = finished.filter(
        trigger=RunTrigger.SCHEDULE, failed=0, added=0, changed=0, missing=0, finished_at__lt=now - KEEP_QUIET_RUNS
    )
    old = finished.filter(finished_at__lt=now - KEEP_RUNS)
    deleted = 0
    for doomed in (quiet, old):
        while pks := list(doomed.values_list("pk", flat=True)[:PRUNE_BATCH]):
            SyncRun.objects.filter(pk__in=pks).delete()
            deleted += len(pks)
    refused_fields.prune()
    SyncFailure.objects.filter(run=None, at__lt=now - KEEP_RUNS).delete()
    return deleted


def keep_statistics() -> None:
    """Let SQLite look at its tables again, so that its planner knows what is rare. PostgreSQL does so by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize=0x10002")
