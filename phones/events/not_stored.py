"""Whether this web process could store what Meta sent it last.

A full disk often takes a row that is written anew in its old place, as readiness writes it, and refuses new rows.
"""

import time

# Whoever gets no more deliveries, because it is not ready, gets them again after this.
_FORGOTTEN_AFTER = 60  # seconds

_since: float | None = None


def note(*, stored: bool) -> None:
    global _since
    _since = None if stored else time.monotonic()


def lately() -> bool:
    """Whether the last delivery could not be stored, a minute ago at most."""
    return _since is not None and time.monotonic() - _since < _FORGOTTEN_AFTER
