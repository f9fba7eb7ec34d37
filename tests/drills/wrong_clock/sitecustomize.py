"""Python loads this at the start of a process with this folder in PYTHONPATH: its clock is off by the hours in a file.

The time of day alone, as when somebody sets a machine's clock: intervals (`time.monotonic`) go on rightly. The file is
looked at again and again, in this process and in all that it forks.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

_FILE = os.environ.get("WRONG_CLOCK", "")
_BETWEEN_LOOKS = _TOLERATED = 0.1  # seconds
_started = time.time() - time.monotonic()


def _follow() -> None:
    """Set this process's clock whenever it is not where the file says, also where setting it took long."""
    clock = time_machine.travel(_started + time.monotonic(), tick=True).start()
    while True:
        hours = int(Path(_FILE).read_text())
        off = _started + time.monotonic() + 3600 * hours - time.time()
        if abs(off) > _TOLERATED:
            clock.shift(off)
        time.sleep(_BETWEEN_LOOKS)


def _begin() -> None:
    threading.Thread(target=_follow, name="wrong clock", daemon=True).start()


if _FILE:
    _begin()
    os.register_at_fork(after_in_child=_begin)
