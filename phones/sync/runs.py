"""Sync runs: starting one, and finishing it when nothing waits in it any more.

A WABA (and a credential, for discovery) points at the run that its next reading counts in; that pointer is the run's
work list, so a run survives any worker.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from clients import leases
from clients.access import NoTokenError, why_not_now
from clients.choices import CredentialState, RunScope, RunState, RunTrigger
from clients.explanations import OF_THE_SETTINGS
from clients.models import Client, Credential, SyncFailure, SyncRun, User, Waba
from phones.sync import claims, pressing, waits
from portal import database_clock, tracing
from portal.many_rows import insert, save_columns

# WABAs that can't be read are noted so many in a transaction.
AT_ONCE = 500
_LOCK = 0x6E64_7379  # any number that nothing else in the database locks
LOCKED = "Somebody is changing this WABA in the database at this moment. Nothing was started: try it again in a minute."


class NothingToReadError(Exception):
    """There is nothing this run could read; the text says why and what to do."""


def start(
    *,
    scope: RunScope,
    user: User,
    client: Client | None = None,
    waba: Waba | None = None,
    chosen: Sequence[int] | None = None,
) -> SyncRun:
    """Ask for a reading of everything, one client, one WABA or the `chosen` ones (keys) as soon as a worker is free.

    Gives the run to follow: a new one, or the open one that already covers all of it. Raises NothingToReadError.
    The caller has checked that `user` may act there (`workable_by`).
    """
    if scope == RunScope.EVERYTHING:
        return _start_everything(user)
    wabas = Waba.objects.all()
    if client is not None:
        wabas = wabas.filter(client=client)
    if waba is not None:
        wabas = wabas.filter(pk=waba.pk)
    if chosen is not None:
        wabas = wabas.filter(pk__in=list(chosen))
    return open_run(
        scope=scope,
        trigger=RunTrigger.PERSON,
        wabas=wabas,
        discover=False,
        user=user,
        client=client,
        waba=waba,
    )


def _start_everything(user: User) -> SyncRun:
    """The open run of everything, or a new one; several who ask at once get the same one."""
    scope = RunScope.EVERYTHING
    with transaction.atomic():
        _wait_for_who_asks_too()
        if run := SyncRun.objects.open().filter(scope=scope).first():
            return run
        every = Waba.objects.all()
        return open_run(scope=scope, trigger=RunTrigger.PERSON, wabas=every, discover=True, user=user)


def _wait_for_who_asks_too() -> None:
    """Until this transaction is over, whoever else asks for everything waits. With SQLite a transaction does that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def open_run(
    *,
    scope: RunScope,
    trigger: RunTrigger,
    wabas: models.QuerySet[Waba],
    discover: bool,
    user: User | None = None,
    client: Client | None = None,
    waba: Waba | None = None,
) -> SyncRun:
    """A new run with `wabas` due at once in it, and the business edges too when `discover` is set.

    A WABA that waited in another run moves to this one; one that is being read right now is counted here as well.
    WABAs that can't be read now are in the run as failures from the start. Raises NothingToReadError.
    """
    now = database_clock.now()
    with transaction.atomic():
        run = SyncRun.objects.create(
            scope=scope, trigger=trigger, requested_by=user, client=client, waba=waba, started_at=now
        )
        # A person who asks again may know that the token works again, or that a wait is over: it gets one try.
        Credential.objects.filter(state=CredentialState.DEAD, wabas__in=wabas).update(state=CredentialState.UNTRIED)
        waits.end_for_person(wabas, Credential.objects.filter(Q(wabas__in=wabas) | Q(business_id__gt="")))
        with_edges = claims.listing_credentials() if discover else Credential.objects.none()
        discovering = with_edges.update(sync_run=run, next_sync_at=now)
        attach(run, wabas)
        leases.unlocked(wabas.filter(sync_run=run)).update(next_sync_at=pressing.turn_of_many(now))
        run.refresh_from_db()
        tracing.note(run=run.pk)
        if not run.wabas and not discovering:
            transaction.set_rollback(True)
            raise NothingToReadError(
                "There is no WABA to read yet, and no system user token to find some with. Set META_BUSINESS_ID and "
                "META_SYSTEM_USER_TOKEN, or connect a WABA by hand."
                if discover
                else (LOCKED if wabas.exists() else "There is no WABA to read here.")
            )
        fail_unreadable(run)
    close_finished([run.pk])
    run.refresh_from_db()
    return run


def attach(run: SyncRun, wabas: models.QuerySet[Waba]) -> int:
    """Put `wabas` on the work list of `run`, off those they were on; gives how many. Inside a transaction.

    Those that somebody else has locked stay where they are.
    """
    wabas = leases.unlocked(wabas)
    elsewhere = wabas.exclude(sync_run=None).exclude(sync_run=run)
    taken = dict(elsewhere.order_by().values_list("sync_run").annotate(count=Count("pk")))
    attached = wabas.exclude(sync_run=run).update(sync_run=run) if taken else wabas.update(sync_run=run)
    for pk, count in taken.items():
        SyncRun.objects.filter(pk=pk).update(wabas=F("wabas") - count)
    SyncRun.objects.filter(pk=run.pk).update(
        wabas=F("wabas") + attached, state=RunState.RUNNING, started_at=run.started_at or database_clock.now()
    )
    return attached


def fail_unreadable(run: SyncRun | None = None) -> None:
    """Take what can't be read now off the work lists of open runs (or of `run`), as failures with the reason."""
    _fail_waiting_discoveries(run)
    now = database_clock.now()
    waiting = Waba.objects.filter(sync_run=run) if run is not None else Waba.objects.exclude(sync_run=None)
    blocked = waiting.free(now).exclude(pk__in=Waba.objects.readable(now).values("pk"))
    pks = list(blocked.order_by("pk").values_list("pk", flat=True))
    per_run: Counter[int] = Counter()
    for start in range(0, len(pks), AT_ONCE):
        with transaction.atomic():
            per_run += _fail_blocked(waiting.free(now).filter(pk__in=pks[start : start + AT_ONCE]), now)
    if per_run:
        close_finished(per_run)


def _fail_blocked(blocked: models.QuerySet[Waba], now: datetime.datetime) -> Counter[int]:
    """Note why each can't be read, and take it off its run; gives how many that were, by run."""
    wabas = list(
        leases.unlocked(blocked).select_related("credential", "credential__last_failure", "last_failure").order_by("pk")
    )
    failures = []
    for waba in wabas:
        failure = _why_blocked(waba)
        failure.run_id, failure.waba, failure.at = waba.sync_run_id, waba, now
        failures.append(failure)
    insert(failures)
    for waba, failure in zip(wabas, failures, strict=True):
        waba.last_failure, waba.sync_run = failure, None
    save_columns(wabas, ["last_failure", "sync_run"])
    per_run = Counter(failure.run_id for failure in failures if failure.run_id is not None)
    for pk, count in per_run.items():
        SyncRun.objects.filter(pk=pk).update(failed=F("failed") + count)
    return per_run


def _fail_waiting_discoveries(run: SyncRun | None) -> None:
    """Take credentials off whose token has to wait: a run that waited with them would show nothing for so long."""
    now = database_clock.now()
    in_runs = Credential.objects.filter(sync_run=run) if run is not None else Credential.objects.exclude(sync_run=None)
    waiting = list(in_runs.filter(leases.free(now), not_before__gt=now).select_related("last_failure"))
    if not waiting:
        return
    with transaction.atomic():
        for credential in waiting:
            failure = _why_not_listed(credential)
            failure.run_id, failure.credential = credential.sync_run_id, credential
            failure.save()
            Credential.objects.filter(pk=credential.pk, sync_run=credential.sync_run_id).update(sync_run=None)
    close_finished([one.sync_run_id for one in waiting if one.sync_run_id is not None])


def close_finished(runs: Iterable[int] | None = None) -> None:
    """Finish those open runs (of `runs`, or all) that nothing waits in any more."""
    waiting_wabas = Waba.objects.filter(sync_run=OuterRef("pk"))
    waiting_credentials = Credential.objects.filter(sync_run=OuterRef("pk"))
    open_runs = SyncRun.objects.open()
    if runs is not None:
        open_runs = open_runs.filter(pk__in=list(runs))
    open_runs.filter(~Exists(waiting_wabas), ~Exists(waiting_credentials)).update(
        state=RunState.FINISHED, finished_at=database_clock.now()
    )


def _why_not_listed(credential: Credential) -> SyncFailure:
    reason = why_not_now(credential, at=database_clock.now(), even_if_refused=True) or NoTokenError("throttled")
    return _as_said_before(reason, credential.last_failure)


def _why_blocked(waba: Waba) -> SyncFailure:
    """Why a WABA can't be read now, as an unsaved failure: what Meta said of it before, if that is the reason."""
    credential = waba.credential
    reason = why_not_now(credential, waba, at=database_clock.now()) or NoTokenError("throttled")
    refused = credential.last_failure if credential is not None else None
    is_of_the_token = reason.kind == "token_dead" or (refused is not None and refused.kind in OF_THE_SETTINGS)
    return _as_said_before(reason, refused if is_of_the_token else waba.last_failure or refused)


def _as_said_before(reason: NoTokenError, earlier: SyncFailure | None) -> SyncFailure:
    """The reason as an unsaved failure, with Meta's own words where it said the same before."""
    failure = reason.failure(at=database_clock.now())
    if earlier is not None and reason.kind == "throttled" and earlier.kind in OF_THE_SETTINGS:
        failure.kind = earlier.kind
    if earlier is not None and earlier.kind == failure.kind:
        for name in ("code", "subcode", "http_status", "message", "fbtrace_id"):
            setattr(failure, name, getattr(earlier, name))
    return failure
