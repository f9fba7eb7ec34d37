"""How many passwords one process checks at once.

Checking one takes a third of a second of a whole processor, on purpose. So they are checked one after the other, and
few may wait: the threads that would wait are needed for pages.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_WAITING = 2
_places = threading.BoundedSemaphore(1 + MOST_WAITING)
_one_at_a_time = threading.Lock()


class TooBusyError(Exception):
    """Other passwords are being checked, and enough wait."""


@contextmanager
def turn() -> Iterator[None]:
    """The right to check a password. Raises TooBusyError at once when too many wait for it already."""
    if not _places.acquire(blocking=False):
        raise TooBusyError
    try:
        with _one_at_a_time:
            yield
    finally:
        _places.release()
