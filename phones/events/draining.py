"""Empties the inbox, batch by batch. One event that can't be applied is set aside; the rest goes on."""

import time

import structlog
from django.db import InterfaceError, OperationalError

from phones.choices import EventState
from phones.events.processing import BATCH, LOCKED_FOR, Processed, process, put_off_until, waiting
from phones.models import Event, Heartbeat
from portal import database_clock, stopping
from portal.database_errors import is_locked

BREATH_SECONDS = 0.05

log = structlog.get_logger(__name__)


def drain(*, seconds: float) -> bool:
    """Apply what waits until nothing does or `seconds` have passed; True when something is to be read at Meta now.

    Raises OperationalError or InterfaceError when the database is not there: no event is to blame, and all that was
    not applied still waits. Events about what somebody has locked are put off, and the others go on.
    """
    stop_at = time.monotonic() + seconds
    reads = False
    while not stopping.turn_is_over(stop_at):
        try:
            done = process(limit=BATCH)
        except Exception as error:
            if isinstance(error, OperationalError | InterfaceError) and not is_locked(error):
                raise
            if not is_locked(error):
                log.exception("A batch of events could not be applied as a whole; each is tried alone.")
            done = _one_by_one(stop_at)
        reads = reads or done.reads
        Heartbeat.note_now_and_then("events")
        if done.count < BATCH:
            return reads
        # SQLite has one writer at a time, and those who wait look again only every so often: Meta's next delivery,
        # which must be answered fast, gets its turn here.
        time.sleep(BREATH_SECONDS)
    return reads


def _one_by_one(stop_at: float) -> Processed:
    """Apply each event of the next batch on its own, and set those aside that can't be applied whatever is tried."""
    pks = list(waiting(database_clock.now()).values_list("pk", flat=True)[:BATCH])
    reads = False
    for pk in pks:
        if stopping.turn_is_over(stop_at):
            break
        try:
            reads = process(only=pk).reads or reads
        except Exception as error:
            if is_locked(error):
                put_off_until(Event.objects.filter(pk=pk), database_clock.now() + LOCKED_FOR)
                continue
            if isinstance(error, OperationalError | InterfaceError):
                raise
            log.exception("An event could not be applied.", row=pk)
            # Only while it waits: another worker may have it by now.
            Event.objects.filter(pk=pk, state=EventState.WAITING).update(
                state=EventState.FAILED,
                outcome=f"It could not be applied: {type(error).__name__}.",
                processed_at=database_clock.now(),
            )
    return Processed(len(pks), reads)
