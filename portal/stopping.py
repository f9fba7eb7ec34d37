"""Whether this worker was asked to stop: then a turn takes nothing new, and what it was at is all that is waited for.

Celery waits for tasks that run, and tells them nothing. The word is a byte of memory that the worker shares with the
processes it has forked, so that each sees it without a broker or a database.
"""

import mmap
import time

_shared = mmap.mmap(-1, 1)


def ask() -> None:
    """Say that the worker is to stop: to this process, and to all that it has forked or will fork."""
    _shared[0] = 1


def take_back() -> None:
    """Begin anew, for a worker that lives in a process which goes on."""
    _shared[0] = 0


def is_asked() -> bool:
    return bool(_shared[0])


def turn_is_over(stop_at: float) -> bool:
    """Whether a turn takes nothing new: its time (a `time.monotonic()` value) is up, or the worker is to stop."""
    return is_asked() or time.monotonic() >= stop_at
