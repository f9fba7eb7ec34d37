"""Empties the inbox, batch by batch. One event that can't be applied is set aside; the rest goes on."""

from __future__ import annotations

import time

import structlog
from django.db import DatabaseError
from django.utils import timezone

from phones.choices import EventState
from phones.events.processing import BATCH, process, waiting

BREATH_SECONDS = 0.05

log = structlog.get_logger(__name__)


def drain(*, seconds: float) -> bool:
    """Apply what waits until nothing does or `seconds` have passed; True when something is to be read at Meta now."""
    stop_at = time.monotonic() + seconds
    reads, size = False, BATCH
    while time.monotonic() < stop_at:
        try:
            done = process(limit=size)
        except DatabaseError as error:
            if size > 1:
                size = 1  # find the one that the database refuses
                continue
            if not _set_aside_first(error):
                raise
            size = BATCH
            continue
        reads = reads or done.reads
        if done.count < size:
            return reads
        # SQLite has one writer at a time, and those who wait look again only every so often: Meta's next delivery,
        # which must be answered fast, gets its turn here.
        time.sleep(BREATH_SECONDS)
    return reads


def _set_aside_first(error: DatabaseError) -> bool:
    """Mark the event whose turn it was as failed; False when the database takes not even that, or nothing waits."""
    log.error("An event could not be applied.", error=str(error)[:200])
    first = waiting(timezone.now()).first()
    if first is None:
        return False
    first.state, first.outcome = EventState.FAILED, f"It could not be stored: {type(error).__name__}."
    first.processed_at = timezone.now()
    first.save(update_fields=["state", "outcome", "processed_at"])
    return True
