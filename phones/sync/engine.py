"""The sync engine: takes what is due, reads it from Graph side by side, and records each outcome as it lands.

One engine is one worker's turn. The database is touched by the thread that calls it, Graph by a pool of threads, and
no transaction is open while Graph is asked. Any number of engines may run at once, in any processes: leases keep them
out of each other's way, and an engine that dies leaves nothing half-written.
"""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError

from clients import refused_fields
from clients.access import NoTokenError, graph_client, token_of
from clients.models import Credential, SyncRun, Waba
from phones.models import Heartbeat
from phones.sync import claims, edges, pace, record, runs
from phones.sync.claims import Claim
from phones.sync.fetch import Fetched, read_waba
from phones.sync.first_calls import FirstCalls, OutOfCalls
from phones.sync.insist import insist
from phones.sync.walks import Walks
from portal import collecting, stopping, tracing
from portal.database_errors import is_away, is_locked
from portal.graph import AppRefused, GraphClient, GraphError

log = structlog.get_logger(__name__)

# Outcomes recorded in one transaction, and how long to wait for that many to land.
BATCH = 48
GATHER_SECONDS = 0.05
# So often (seconds) a turn tries again what somebody has locked, and looks for lists and for WABAs of dead readers.
BETWEEN_LOOKS = 2


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
        self.client = client or graph_client()
        self._threads = threads or settings.SYNC_THREADS
        self._on_progress = on_progress
        self._reading: dict[Future[Fetched | None], Claim] = {}
        self._walks = Walks(self)
        self._tokens: dict[int, str] = {}
        self._stopped: set[int] = set()
        self._refused: set[int] = set()  # tokens that a thread saw refused a moment ago
        self._out_of_calls = OutOfCalls()
        self.first_calls = FirstCalls()
        self._held: list[tuple[Claim, str]] = []
        self._locked: list[Fetched] = []  # read, and not stored, because somebody has their rows locked
        self._suspects: set[int] = set()
        self._is_alone = False  # a suspect is read, or was and is not recorded yet
        self._suspects_until = self._locked_tried = self._renewed = time.monotonic()
        self._lists_from = self._wabas_from = self._suspects_from = self._renewed

    def work(self, *, seconds: float) -> None:
        """Take and read what is due until nothing is, or until `seconds` have passed; waits for calls in flight."""
        stop_at = time.monotonic() + seconds
        self.client.leave_out(refused_fields.given_up())
        collecting.spare_old_objects()
        self._suspects_until = stop_at - seconds / 2
        with ThreadPoolExecutor(self._threads, thread_name_prefix="graph") as pool:
            try:
                self._take(pool, stop_at)
                while self._reading or self._walks.in_flight or self._held:
                    fetched = self._land(pool)
                    # Before the record is made, so that the threads have something to read meanwhile.
                    self._take(pool, stop_at)
                    self._record_all(fetched)
                    self._renew()
                    if not self._reading and not self._walks.in_flight and not self._held:
                        self._take(pool, stop_at)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        if self._locked:
            record.put_off([one.claim.pk for one in self._locked], holder=self.holder)
        Heartbeat.note_now_and_then("readings")
        runs.fail_unreadable(self._run)
        runs.close_finished([self._run.pk] if self._run else None)

    def _take(self, pool: ThreadPoolExecutor, stop_at: float) -> None:
        """Claim up to twice as many WABAs as there are threads, so that none of these has to wait for work."""
        if stopping.is_asked():
            self.stop_using()
        self._submit_held(pool)
        if stopping.turn_is_over(stop_at):
            return
        if time.monotonic() >= self._lists_from:
            self._lists_from = time.monotonic() + BETWEEN_LOOKS
            for credential in claims.take_credentials(holder=self.holder, run=self._run):
                self._walks.begin(pool, credential)
        room = 2 * self._threads - len(self._reading) - len(self._held)
        if room < self._threads or self._waits_for_walks() or self._is_reading_suspects(pool):
            return
        taken = claims.take_wabas(holder=self.holder, limit=room, run=self._run)
        if not taken and self._walks.bring_numbers:
            self._wabas_from = time.monotonic() + BETWEEN_LOOKS
        for claim in taken:
            if (token := self._token(claim)) is not None:
                self._held.append((claim, token))
        self._submit_held(pool)

    def _waits_for_walks(self) -> bool:
        """Whether nothing was due a moment ago but what the walks bring anyway."""
        return self._walks.bring_numbers and time.monotonic() < self._wabas_from

    def _is_reading_suspects(self, pool: ThreadPoolExecutor) -> bool:
        """Whether a WABA whose reader died is read now: alone, so that no other suffers should it do so again."""
        now = time.monotonic()
        if self._is_alone or self._reading or self._held or not self._suspects_from <= now < self._suspects_until:
            return self._is_alone
        while taken := claims.take_suspect(holder=self.holder, run=self._run, besides=self._suspects):
            (claim,) = taken
            self._suspects.add(claim.pk)
            if (token := self._token(claim)) is not None:
                self._is_alone = True
                self._held.append((claim, token))
                self._submit_held(pool)
                return True
        self._suspects_from = now + BETWEEN_LOOKS
        return False

    def _submit_held(self, pool: ThreadPoolExecutor) -> None:
        """Have those WABAs read whose token Meta takes; of any other token one, to see whether it does."""
        held, self._held = self._held, []
        for claim, token in held:
            if self.first_calls.may_ask(claim.credential_pk):
                self.first_calls.asked(claim.credential_pk)
                self._reading[pool.submit(tracing.carried(self._read), claim, token)] = claim
            else:
                self._held.append((claim, token))

    def _read(self, claim: Claim, token: str) -> Fetched | None:
        """Runs in a thread; None where the token was refused since, so that it was not used again."""
        if claim.credential_pk in self._refused:
            return None
        with tracing.span("read WABA", waba_id=claim.waba_id):
            fetched = read_waba(self.client, claim, token)
        if isinstance(fetched.error, edges.REFUSALS):
            self._refused.add(claim.credential_pk)
        return fetched

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
        in_flight: list[Future[Any]] = [*self._reading, *self._walks.in_flight]
        done, rest = wait(in_flight, timeout=1, return_when=FIRST_COMPLETED)
        if done and rest and len(done) < BATCH:
            done |= wait(rest, timeout=GATHER_SECONDS).done
        for future in [one for one in done if one in self._walks.in_flight]:
            self._walks.landed(pool, future)
        landed = [self._outcome(future, self._reading.pop(future)) for future in done if future in self._reading]
        return [one for one in landed if one is not None]

    def _outcome(self, future: Future[Fetched | None], claim: Claim) -> Fetched | None:
        """What a thread brought back; a bug in ours is recorded like any other failure and hides nothing else."""
        try:
            fetched = future.result()
        except Exception as error:
            self.hear(claim.credential_pk, None)
            log.exception("A WABA could not be read because of a fault of ours.", waba_id=claim.waba_id)
            record.note_lost(Waba(pk=claim.pk), kind="internal", message=type(error).__name__)
            return None
        if fetched is None:
            self.first_calls.answered(claim.credential_pk, refused=True)
            claims.give_back(claim.pk, holder=self.holder)
        else:
            self._hear_of_limits(claim, fetched.error)
            self.hear(claim.credential_pk, fetched.error)
        return fetched

    def hear(self, credential: int, error: GraphError | None) -> None:
        """Draw from one answer what it says of the token, and of our app as a whole."""
        refused = isinstance(error, edges.REFUSALS) or pace.may_be_apps_limit(error)
        self.first_calls.answered(credential, refused=refused, for_settings=isinstance(error, AppRefused))
        # Lists of WABAs have calls of their own: that they are answered shows nothing of these.
        if self._out_of_calls.is_in_doubt(credential):
            self.first_calls.doubt(credential)
        if isinstance(error, AppRefused) and self.first_calls.app_is_refused:
            record.spare_all(error)
            self.stop_using()

    def _hear_of_limits(self, claim: Claim, error: GraphError | None) -> None:
        """After "too many calls" that may be the app's or this WABA's, find out with one other WABA of the token."""
        if self._out_of_calls.hears(error, credential=claim.credential_pk, waba=claim.pk):
            self.stop_using(frozenset({claim.credential_pk}))
        elif pace.may_be_apps_limit(error):
            self.ask_one_by_one(claim.credential_pk)

    def ask_one_by_one(self, credential: int) -> None:
        self.first_calls.doubt(credential)
        for future, claim in list(self._reading.items()):
            if claim.credential_pk == credential and future.cancel():
                self.first_calls.answered(credential, refused=True)
                del self._reading[future]
                self._held.append((claim, self._tokens[credential]))

    def _record_all(self, fetched: list[Fetched]) -> None:
        if self._locked and time.monotonic() - self._locked_tried >= BETWEEN_LOOKS:
            fetched, self._locked, self._locked_tried = fetched + self._locked, [], time.monotonic()
        fetched.sort(key=lambda one: one.claim.pk)
        self.record(fetched)
        self._is_alone = bool(self._is_alone and (self._reading or self._held))
        if any(one.meter.refused for one in fetched):
            self.client.leave_out(refused_fields.given_up())
        self._on_progress()

    def record(self, fetched: list[Fetched]) -> None:
        for start in range(0, len(fetched), BATCH):
            self._record(fetched[start : start + BATCH])

    def _record(self, batch: list[Fetched]) -> None:
        """Record a batch; when the database refuses it as a whole, one by one, so that one bad WABA harms no other."""
        out_of_calls = self._out_of_calls.tokens
        try:
            recorded = insist(
                lambda: record.record(batch, holder=self.holder, out_of_calls=out_of_calls), even_if_locked=False
            )
        except DatabaseError as error:
            if is_away(error) and not is_locked(error):
                raise  # nothing can be stored now; leases give all of it to whoever comes next
            if len(batch) == 1 and is_locked(error):
                self._locked += batch
                return
            if len(batch) == 1:
                log.exception("What Graph said of a WABA could not be stored.", waba_id=batch[0].claim.waba_id)
                record.note_lost(Waba(pk=batch[0].claim.pk), kind="internal", message=type(error).__name__)
                return
            for one in batch:
                self._record([one])
            return
        self._locked += [one for one in batch if one.claim.pk in recorded.locked]
        if recorded.stopped_credentials:
            self.stop_using(recorded.stopped_credentials)
        tracing.note(runs=sorted(recorded.runs))
        runs.close_finished(recorded.runs)
        Heartbeat.note_now_and_then("readings")

    def stop_using(self, credentials: frozenset[int] | None = None) -> None:
        """Use these tokens (all at hand, without) no more: whatever still waits for a thread goes back unread."""
        at_hand = [*self._reading.values(), *(claim for claim, _ in self._held)]
        self._stopped |= {claim.credential_pk for claim in at_hand} if credentials is None else credentials
        waiting = [(future, claim) for future, claim in self._reading.items() if claim.credential_pk in self._stopped]
        back = [claim for future, claim in waiting if future.cancel()]
        for future, claim in waiting:
            if future.cancelled():
                self.first_calls.answered(claim.credential_pk, refused=True)
                del self._reading[future]
        back += [claim for claim, _ in self._held if claim.credential_pk in self._stopped]
        self._held = [(claim, token) for claim, token in self._held if claim.credential_pk not in self._stopped]
        claims.give_back(*(claim.pk for claim in back), holder=self.holder)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > settings.SYNC_LEASE_SECONDS / 3:
            claims.renew(holder=self.holder)
            self._renewed = time.monotonic()
