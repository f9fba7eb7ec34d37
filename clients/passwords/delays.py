"""How long to wait after wrong passwords. Pure: no database and no clock of its own.

Every wait ends, the longest after a quarter of an hour, and trying during a wait does not make it longer. What one
address tries keeps another waiting for no more than five minutes: they wait from their own first try.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` wrong passwords within `window` the wait begins with `first` and doubles each time up to `most`."""

    window: timedelta
    free: int
    first: timedelta
    most: timedelta

    def wait_after(self, wrong: int) -> timedelta:
        """How long to wait after so many wrong passwords."""
        if wrong < self.free:
            return timedelta(0)
        factor: int = 2 ** min(wrong - self.free, 20)
        return min(self.first * factor, self.most)


# One name from one place: an address, a browser that signed in with that name before, or a signed-in person.
NAME_FROM_ONE_PLACE = Limit(timedelta(days=1), 5, timedelta(seconds=5), timedelta(minutes=15))
# One name from all addresses together.
NAME = Limit(timedelta(hours=1), 10, timedelta(seconds=5), timedelta(minutes=5))
# One address, whatever the names.
ADDRESS = Limit(timedelta(hours=1), 15, timedelta(seconds=5), timedelta(minutes=5))
# All addresses together, whatever the names.
EVERYBODY = Limit(timedelta(minutes=10), 30, timedelta(seconds=1), timedelta(seconds=10))


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried lately under one limit: how many wrong passwords there were, and when the last wait began."""

    wrong: int
    last_at: datetime | None


def until(limit: Limit, tries: Tries) -> datetime | None:
    """When the next password may be tried; None when at once."""
    wait = limit.wait_after(tries.wrong)
    if not wait or tries.last_at is None:
        return None
    return tries.last_at + wait


def until_of_name(from_here: Tries, from_everywhere: Tries, *, now: datetime) -> datetime | None:
    """When a name may be tried from here; None when at once.

    The wait is the longer one of here and everywhere, and runs from the last try from here, refused ones included: so
    nobody elsewhere can begin it anew. Who has not tried from here yet begins to wait now.
    """
    wait = max(NAME_FROM_ONE_PLACE.wait_after(from_here.wrong), NAME.wait_after(from_everywhere.wrong))
    return (from_here.last_at or now) + wait if wait else None
