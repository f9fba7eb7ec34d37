"""The sync engine: takes what is due, reads it from Graph side by side, and records each outcome as it lands.

One engine is one worker's turn. The database is touched by the thread that calls it, Graph by a pool of threads, and
no transaction is open while Graph is asked. Any number of engines may run at once, in any processes: leases keep them
out of each other's way, and an engine that dies leaves nothing half-written.
"""

import contextlib
import datetime
import gc
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone

from clients import access, refused_fields
from clients.access import NoTokenError, graph_client, token_of
from clients.choices import CredentialState, WabaOrigin
from clients.models import Credential, SyncFailure, SyncRun, Waba
from phones.sync import claims, discovery, pace, record, runs
from phones.sync.claims import Claim
from phones.sync.fetch import Fetched, read_waba
from portal.graph import GraphClient, GraphError, Meter, Throttled, TokenDead, WabaReading

log = structlog.get_logger(__name__)

# Outcomes recorded in one transaction, and how long to wait for that many to land.
BATCH = 48
GATHER_SECONDS = 0.05
TRIES = 3

Pages = Iterator[list[WabaReading]]
Result = TypeVar("Result")


@dataclass(slots=True)
class _Discovery:
    """One credential's walk over the two business edges, a page at a time. `errors`: of an edge that did not end."""

    credential: Credential
    started_at: datetime.datetime
    meters: list[Meter]
    edges: list[tuple[WabaOrigin, Pages]]
    run_pk: int | None
    listed: set[str] = field(default_factory=set)
    errors: list[GraphError] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return sum(meter.calls for meter in self.meters)


class Engine:
    """One worker's turn of syncing. `run` narrows it to what waits in that run."""

    def __init__(
        self,
        *,
        run: SyncRun | None = None,
        client: GraphClient | None = None,
        threads: int | None = None,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.holder = uuid.uuid4()
        self._run = run
        self._client = client or graph_client()
        self._threads = threads or settings.SYNC_THREADS
        self._on_progress = on_progress
        self._reading: dict[Future[Fetched], Claim] = {}
        self._discovering: dict[Future[list[WabaReading] | None], _Discovery] = {}
        self._tokens: dict[int, str] = {}
        self._stopped: set[int] = set()
        self._renewed = time.monotonic()

    def work(self, *, seconds: float) -> None:
        """Take and read what is due until nothing is, or until `seconds` have passed; waits for calls in flight."""
        stop_at = time.monotonic() + seconds
        self._client.leave_out(refused_fields.given_up())
        with _gc_frozen(), ThreadPoolExecutor(self._threads, thread_name_prefix="graph") as pool:
            try:
                self._take(pool, stop_at)
                while self._reading or self._discovering:
                    fetched = self._land(pool)
                    # Before the record is made, so that the threads have something to read meanwhile.
                    self._take(pool, stop_at)
                    self._record_all(fetched)
                    self._renew()
                    if not self._reading and not self._discovering:
                        self._take(pool, stop_at)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        runs.fail_unreadable(self._run)
        runs.close_finished([self._run.pk] if self._run else None)

    def _take(self, pool: ThreadPoolExecutor, stop_at: float) -> None:
        """Claim up to twice as many WABAs as there are threads, so that none of these has to wait for work."""
        if time.monotonic() >= stop_at:
            return
        for credential in claims.take_credentials(holder=self.holder, run=self._run):
            if credential.pk not in {one.credential.pk for one in self._discovering.values()}:
                self._discover(pool, credential)
        room = 2 * self._threads - len(self._reading)
        if room < self._threads:
            return
        for claim in claims.take_wabas(holder=self.holder, limit=room, run=self._run):
            if (token := self._token(claim)) is not None:
                self._reading[pool.submit(read_waba, self._client, claim, token)] = claim

    def _token(self, claim: Claim) -> str | None:
        """The token to read a WABA with; without a usable one the WABA is given back or noted as failed."""
        pk = claim.credential_pk
        if pk in self._stopped:
            claims.give_back(claim.pk, holder=self.holder)
            return None
        if pk not in self._tokens:
            try:
                self._tokens[pk] = token_of(Credential.objects.get(pk=pk))
            except NoTokenError as error:
                record.note_lost(Waba(pk=claim.pk), kind=error.kind, message=error.message)
                return None
        return self._tokens[pk]

    def _land(self, pool: ThreadPoolExecutor) -> list[Fetched]:
        """Wait for some answers. Pages of WABAs are recorded, so that what is on them is due; the rest is given."""
        in_flight: list[Future[Any]] = [*self._reading, *self._discovering]
        done, rest = wait(in_flight, timeout=1, return_when=FIRST_COMPLETED)
        if done and rest and len(done) < BATCH:
            done |= wait(rest, timeout=GATHER_SECONDS).done
        for future in [one for one in done if one in self._discovering]:
            self._page_landed(pool, future, self._discovering.pop(future))
        landed = [self._outcome(future, self._reading.pop(future)) for future in done if future in self._reading]
        return [one for one in landed if one is not None]

    def _outcome(self, future: Future[Fetched], claim: Claim) -> Fetched | None:
        """What a thread brought back; a bug in ours is recorded like any other failure and hides nothing else."""
        try:
            return future.result()
        except Exception as error:
            log.exception("A WABA could not be read because of a fault of ours.", waba_id=claim.waba_id)
            record.note_lost(Waba(pk=claim.pk), kind="internal", message=type(error).__name__)
            return None

    def _record_all(self, fetched: list[Fetched]) -> None:
        fetched.sort(key=lambda one: one.claim.pk)
        for start in range(0, len(fetched), BATCH):
            self._record(fetched[start : start + BATCH])
        if any(one.meter.refused for one in fetched):
            self._client.leave_out(refused_fields.given_up())
        self._on_progress()

    def _record(self, batch: list[Fetched]) -> None:
        """Record a batch; when the database refuses it as a whole, one by one, so that one bad WABA harms no other."""
        try:
            recorded = _insist(lambda: record.record(batch, holder=self.holder))
        except DatabaseError as error:
            if len(batch) == 1:
                log.exception("What Graph said of a WABA could not be stored.", waba_id=batch[0].claim.waba_id)
                record.note_lost(Waba(pk=batch[0].claim.pk), kind="internal", message=type(error).__name__)
                return
            for one in batch:
                self._record([one])
            return
        if recorded.stopped_credentials:
            self._stop_using(recorded.stopped_credentials)
        runs.close_finished(recorded.runs)

    def _stop_using(self, credentials: frozenset[int]) -> None:
        """Use these tokens no more: whatever still waits for a thread goes back unread."""
        self._stopped |= credentials
        waiting = [(future, claim) for future, claim in self._reading.items() if claim.credential_pk in self._stopped]
        back = [claim for future, claim in waiting if future.cancel()]
        for future, _claim in waiting:
            if future.cancelled():
                del self._reading[future]
        claims.give_back(*(claim.pk for claim in back), holder=self.holder)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > settings.SYNC_LEASE_SECONDS / 3:
            claims.renew(holder=self.holder)
            self._renewed = time.monotonic()

    def _discover(self, pool: ThreadPoolExecutor, credential: Credential) -> None:
        try:
            token = token_of(credential)
        except NoTokenError as error:
            self._discovery_over(credential, failures=[SyncFailure(kind=error.kind, message=error.message)])
            return
        business, meters = credential.business_id, [access.meter(access.DISCOVERY_SECONDS) for _ in range(2)]
        try:
            edges: list[tuple[WabaOrigin, Pages]] = [
                (WabaOrigin.CLIENT_EDGE, self._client.client_wabas(business, token=token, meter=meters[0])),
                (WabaOrigin.OWNED_EDGE, self._client.owned_wabas(business, token=token, meter=meters[1])),
            ]
        except ValueError as error:
            self._discovery_over(credential, failures=[SyncFailure(kind="no_business", message=str(error))])
            return
        walk = _Discovery(credential, timezone.now(), meters, edges, credential.sync_run_id)
        self._discovering[pool.submit(_next_page, walk.edges[0][1])] = walk

    def _page_landed(
        self, pool: ThreadPoolExecutor, future: Future[list[WabaReading] | None], walk: _Discovery
    ) -> None:
        """Record a page of WABAs and ask for the next; the WABAs on it are read meanwhile.

        An edge that fails says nothing of the other, which is asked all the same.
        """
        try:
            page = future.result()
        except GraphError as error:
            walk.errors.append(error)
            walk.edges = [] if isinstance(error, TokenDead | Throttled) else walk.edges[1:]
        else:
            if page is None:
                walk.edges.pop(0)
            elif not self._page_recorded(walk, page):
                return
        if walk.edges:
            self._discovering[pool.submit(_next_page, walk.edges[0][1])] = walk
            return
        self._edges_walked(walk)

    def _edges_walked(self, walk: _Discovery) -> None:
        credential, failures = walk.credential, [SyncFailure.of(error, at=timezone.now()) for error in walk.errors]
        if not walk.errors:
            lost = discovery.finish(credential=credential, listed=walk.listed, started_at=walk.started_at)
            if lost and not walk.listed:
                failures = [SyncFailure(kind="emptied", message=f"{lost} WABAs were listed before, and now none is.")]
        self._discovery_over(credential, failures=failures, error=next(iter(walk.errors), None), calls=walk.calls)

    def _page_recorded(self, walk: _Discovery, page: list[WabaReading]) -> bool:
        """Store a page of WABAs; False when the database would not have it, which ends this discovery."""
        credential, origin, run, at = walk.credential, walk.edges[0][0], walk.run_pk, walk.started_at
        try:
            walk.listed |= _insist(
                lambda: discovery.record_page(page, credential=credential, origin=origin, run_pk=run, at=at)
            )
            refused = {refusal for meter in walk.meters for refusal in meter.refused}
            refused_fields.note(refused, [("waba", one.requested) for one in page[:1]])
        except DatabaseError as error:
            log.exception("A page of WABAs could not be stored.", credential=walk.credential.pk)
            failure = SyncFailure(kind="internal", message=type(error).__name__)
            self._discovery_over(walk.credential, failures=[failure], calls=walk.calls)
            return False
        return True

    @transaction.atomic
    def _discovery_over(
        self,
        credential: Credential,
        *,
        failures: Sequence[SyncFailure] = (),
        error: GraphError | None = None,
        calls: int = 0,
    ) -> None:
        """Set the credential's next turn and note what stood in the way, if anything did: `error`, where Graph did."""
        now = timezone.now()
        interval = record.interval()
        next_sync_at = now + pace.spread(interval)
        columns = record.RELEASED | {"failures_in_a_row": 0, "last_failure": None}
        if error is not None:
            in_a_row = credential.failures_in_a_row + 1
            next_sync_at = pace.after_failure(
                error, failures_in_a_row=in_a_row, now=now, interval=interval
            ).next_sync_at
        for failure in failures:
            failure.credential, failure.run_id, failure.retry_at = credential, credential.sync_run_id, next_sync_at
            failure.at = now
            failure.save()
            columns |= {"last_failure": failure, "failures_in_a_row": F("failures_in_a_row") + 1}
        if isinstance(error, Throttled):
            columns |= {"not_before": next_sync_at}
        if not failures and credential.state != CredentialState.WORKING:
            columns |= {"state": CredentialState.WORKING, "state_since": now}
        columns["next_sync_at"] = next_sync_at
        Credential.objects.filter(pk=credential.pk, lease_token=self.holder).update(**columns)
        if isinstance(error, TokenDead):
            record.mark_dead(Credential.objects.filter(pk=credential.pk), failure=failures[0], now=now)
        if credential.sync_run_id is not None:
            SyncRun.objects.filter(pk=credential.sync_run_id).update(graph_calls=F("graph_calls") + calls)


@contextlib.contextmanager
def _gc_frozen() -> Iterator[None]:
    """Freeze the collector: it would look through all older objects again and again while many rows come and go."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _next_page(pages: Pages) -> list[WabaReading] | None:
    """The next page of an edge; None after the last. Runs in a thread."""
    return next(pages, None)


def _insist(write: Callable[[], Result]) -> Result:
    """Do a transaction again when the database could not do it for a passing reason (a deadlock, a restart)."""
    for _ in range(TRIES - 1):
        try:
            return write()
        except OperationalError:
            if connection.in_atomic_block:
                raise
            close_old_connections()
    return write()
