"""An engine's walks over business edges: pages are asked for in threads, recorded as they land, and ended.

The WABAs on a page are read while the next page is fetched. Those that came with their numbers (`fast_lane`) are
recorded with the page.
"""

import uuid
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import structlog
from django.db import DatabaseError

from clients import refused_fields
from clients.access import NoTokenError, token_of
from clients.models import Credential, SyncFailure
from phones.sync import discovery, edges, lane_rows, pace, runs
from phones.sync.edges import Walk
from phones.sync.fast_lane import EdgePage
from phones.sync.fetch import Fetched
from phones.sync.first_calls import FirstCalls
from phones.sync.insist import insist
from portal import database_clock, stopping, tracing
from portal.database_errors import is_away, is_locked
from portal.graph import GraphClient, GraphError

log = structlog.get_logger(__name__)


class Turn(Protocol):
    """What the engine does for its walks."""

    holder: uuid.UUID
    client: GraphClient
    first_calls: FirstCalls

    def hear(self, credential: int, error: GraphError | None) -> None: ...
    def stop_using(self, credentials: frozenset[int] | None = None) -> None: ...
    def ask_one_by_one(self, credential: int) -> None: ...
    def record(self, fetched: list[Fetched]) -> None: ...


class Walks:
    """`in_flight` are the pages that are being asked for, with the walk that each belongs to."""

    def __init__(self, turn: Turn) -> None:
        self.in_flight: dict[Future[EdgePage | None], Walk] = {}
        self._turn = turn

    @property
    def bring_numbers(self) -> bool:
        """Whether what is due comes with the walks: nothing of it waits for a thread."""
        lanes = [walk.lane for walk in self.in_flight.values() if not walk.is_over]
        return bool(lanes) and all(lane is not None and not lane.is_over for lane in lanes)

    def begin(self, pool: ThreadPoolExecutor, credential: Credential) -> None:
        holder = self._turn.holder
        try:
            token = token_of(credential)
        except NoTokenError as error:
            failure = SyncFailure(kind=error.kind, message=error.message)
            edges.record_end(credential, holder=holder, failures=[failure])
            return
        try:
            lane = lane_rows.lane_for(credential, self._turn.client, token)
            walk = edges.walk(credential, self._turn.client, token, lane)
        except ValueError as error:
            failure = SyncFailure(kind="no_business", message=str(error))
            edges.record_end(credential, holder=holder, failures=[failure])
            return
        self._ask_for_next(pool, walk)

    def landed(self, pool: ThreadPoolExecutor, future: Future[EdgePage | None]) -> None:
        """Ask for the next page of WABAs and record this one meanwhile; the WABAs on it are read then.

        An edge that fails says nothing of the other, which is asked all the same.
        """
        walk = self.in_flight.pop(future)
        try:
            page = future.result()
        except GraphError as error:
            walk.errors.append(error)
            walk.edges = [] if isinstance(error, edges.ENDS_THE_WALK) else walk.edges[1:]
            self._turn.hear(walk.credential.pk, error)
        else:
            self._turn.hear(walk.credential.pk, None)
            if page is None:
                walk.edges.pop(0)
            elif not walk.is_over and self._goes_on(pool, walk, page):
                return
        if walk.is_over:
            return
        if not walk.edges:
            self._end(walk)
        elif stopping.is_asked():
            edges.give_back(walk, holder=self._turn.holder)
        else:
            self._ask_for_next(pool, walk)

    def _goes_on(self, pool: ThreadPoolExecutor, walk: Walk, page: EdgePage) -> bool:
        """Record a page; whether the next one is in flight by then, which it is unless this worker is to stop."""
        is_asked = not stopping.is_asked()
        if is_asked:
            self._ask_for_next(pool, walk)
        walk.is_over = not self._recorded(walk, page)
        return is_asked

    def _ask_for_next(self, pool: ThreadPoolExecutor, walk: Walk) -> None:
        self._turn.first_calls.asked(walk.credential.pk)
        self.in_flight[pool.submit(tracing.carried(edges.next_page), walk.edges[0][1])] = walk

    def _recorded(self, walk: Walk, page: EdgePage) -> bool:
        """Store a page of WABAs; False when the database would not have it, which ends this discovery."""
        credential, origin, run = walk.credential, walk.edges[0][0], walk.run_pk
        if walk.lane is not None and walk.lane.is_over:
            lane_rows.end(credential)
        same = self._confirmed(walk, page)
        others = [one for one in page.shared if one.waba_id not in same]
        wabas, at = [*page.wabas, *(one.facts() for one in others)], page.asked_at or walk.started_at
        try:
            walk.listed[origin] |= same
            if wabas:
                walk.listed[origin] |= insist(
                    lambda: discovery.record_page(wabas, credential=credential, origin=origin, run_pk=run, at=at)
                )
            walk.note_fields(page)
        except DatabaseError as error:
            log.exception("A page of WABAs could not be stored.", credential=credential.pk)
            failure = SyncFailure(kind="internal", message=type(error).__name__)
            edges.record_end(credential, holder=self._turn.holder, failures=[failure], calls=walk.calls)
            return False
        if walk.lane is not None and others:
            self._store(walk, page, same)
        return True

    def _confirmed(self, walk: Walk, page: EdgePage) -> set[str]:
        """The ids of WABAs that say what they said before; none where the database would not have them together."""
        lane = walk.lane
        if lane is None or not page.shared:
            return set()
        try:
            return insist(
                lambda: lane_rows.confirm(page, credential=walk.credential, lane=lane, run_pk=walk.run_pk),
                even_if_locked=False,
            )
        except DatabaseError as error:
            if is_away(error) and not is_locked(error):
                raise
            return set()

    def _store(self, walk: Walk, page: EdgePage, same: Collection[str]) -> None:
        """Store the numbers of all other WABAs of the page; what can't be now is read by itself a moment later."""
        lane, asked_at = walk.lane, page.asked_at
        if lane is None or asked_at is None:
            return
        others = [one for one in page.shared if one.waba_id not in same]
        try:
            fetched, digests = insist(
                lambda: lane_rows.take(
                    others, page, credential=walk.credential, lane=lane, run_pk=walk.run_pk, holder=self._turn.holder
                ),
                even_if_locked=False,
            )
            self._turn.record(fetched)
            insist(lambda: lane_rows.note_digests(digests, asked_at=asked_at))
        except DatabaseError as error:
            if is_away(error) and not is_locked(error):
                raise
            log.exception("The numbers on a page of WABAs could not be stored.", credential=walk.credential.pk)

    def _end(self, walk: Walk) -> None:
        self._note_fields(walk)
        credential, lane = walk.credential, walk.lane
        if lane is not None and lane.gave_up is not None:
            log.warning("WABAs did not come together: they are read one by one.", error=str(lane.gave_up))
        failures = [SyncFailure.of(error, at=database_clock.now()) for error in walk.errors]
        if not walk.errors:
            emptied = discovery.finish(credential=credential, listed=walk.listed, started_at=walk.started_at)
            failures = [edges.emptied(origin, before) for origin, before in emptied.items()]
        error = walk.decisive_error
        edges.record_end(
            credential, holder=self._turn.holder, failures=failures, error=error, calls=walk.calls, lane=lane
        )
        if error is not None and pace.is_of_the_token(error):
            self._turn.stop_using(frozenset({credential.pk}))
        elif pace.may_be_apps_limit(error):
            self._turn.ask_one_by_one(credential.pk)
        if lane is not None and walk.run_pk is not None:
            runs.close_finished([walk.run_pk])

    def _note_fields(self, walk: Walk) -> None:
        """Note of both edges together what they refused: what one of them answers is not given up for the other."""
        answered = [("waba", fields) for fields in walk.answered]
        answered += [("phone_number", fields) for fields in walk.answered_of_numbers]
        try:
            insist(lambda: refused_fields.note(walk.refused, answered))
        except DatabaseError:  # such as another worker's row for the same field; the next discovery notes it again
            log.exception("The fields that an edge refused could not be noted.", credential=walk.credential.pk)
