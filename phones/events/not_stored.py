"""Whether this web process could store what Meta sent it lately.

A full disk often takes a row that is written anew in its old place, as readiness writes it, and refuses new rows.
"""

import time

# One alone may be a lock or a restart, and no reason to take the pages out of service.
_TROUBLE = 2
# Whoever gets no more deliveries, because it is not ready, gets them again after this.
_FORGOTTEN_AFTER = 60  # seconds

_in_a_row = 0
_last = 0.0


def note(*, stored: bool) -> None:
    global _in_a_row, _last
    _in_a_row = 0 if stored else _in_a_row + 1
    _last = time.monotonic()


def lately() -> bool:
    """Whether two deliveries in a row could not be stored, the later a minute ago at most."""
    return _in_a_row >= _TROUBLE and time.monotonic() - _last < _FORGOTTEN_AFTER
