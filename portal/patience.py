"""How long somebody waits for Meta: a person at a page for some seconds, then what they asked for goes on without them.

A web process lends Meta its threads. Without a limit, a Graph that hangs takes all of them.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from functools import lru_cache

import structlog
from django.db import connections

log = structlog.get_logger(__name__)

# From when the request was here; the page itself takes a second or two more.
PERSON_SECONDS = 6.0
_LEAST = 0.5
_THREADS = 16
_waits_until: ContextVar[float | None] = ContextVar("waits_until", default=None)


@contextlib.contextmanager
def person_waits(*, since: float) -> Iterator[None]:
    """Everything asked of Meta in here is for a person who has waited `since` then (a `time.monotonic()` value)."""
    before = _waits_until.set(since + PERSON_SECONDS)
    try:
        yield
    finally:
        _waits_until.reset(before)


def deadline(seconds: float) -> float:
    """Until when a piece of work with this many seconds may go on, as a `time.monotonic()` value."""
    now, until = time.monotonic(), _waits_until.get()
    return now + seconds if until is None else min(now + seconds, max(until, now + _LEAST))


def carry_out(work: Callable[[], object]) -> None:
    """Do `work`, which has recorded what it is about. It has its own time and is not cut off with the person's.

    Where a person waits, this returns when they have waited long enough, and the work goes on; what it comes to is in
    the record. Outside of a request it is done here.
    """
    until = _waits_until.get()
    if until is None:
        work()
        return
    done = _threads().submit(copy_context().run, _with_own_time, work)
    wait([done], max(until - time.monotonic(), 0))
    if done.done():
        done.result()
    else:
        done.add_done_callback(_say_trouble)


def _with_own_time(work: Callable[[], object]) -> None:
    _waits_until.set(None)
    try:
        work()
    finally:
        connections.close_all()  # those of this thread


def _say_trouble(done: Future[None]) -> None:
    if error := done.exception():
        log.error("What went on without the person who asked for it failed.", exc_info=error)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="carried-out")
