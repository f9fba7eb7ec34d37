"""The time by the database's clock, which all processes share: machines whose own clocks differ agree on it.

Leases, turns, readings and actions are put in order by times that several machines write. Each new connection tells how
far this machine's clock is off, and `now` corrects by that. With SQLite all processes are on one machine.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils import timezone

# How far a machine's clock may be off before somebody is to look at it.
TOLERATED = timedelta(seconds=2)
# What the way to the database and back may look like; it is no difference of clocks.
_UNCERTAIN = timedelta(milliseconds=100)

_ahead = timedelta()


def now() -> datetime:
    return timezone.now() - _ahead


def ahead() -> timedelta:
    """How far this machine's clock is ahead of the database's (less than nothing: behind), as last measured."""
    return _ahead


def measure(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Ask the database what time it is. A receiver of `connection_created`; long work asks again in between."""
    global _ahead
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
        took = timezone.now() - before
    found = before + took / 2 - there
    _ahead = found if abs(found) > max(took, _UNCERTAIN) else timedelta()


def is_older(stored: datetime | None, than: datetime) -> bool:
    """Whether what was stored as of `stored` gives way to what is as of `than`.

    A time that has not come yet was written by a wrong clock: it refuses nothing.
    """
    return stored is None or stored <= than or stored > now()


def older(column: str, than: datetime) -> Q:
    """`is_older` as a condition, for the time in `column`."""
    return Q(**{column: None}) | Q(**{f"{column}__lte": than}) | Q(**{f"{column}__gt": now()})


def is_between(at: datetime | None, since: datetime) -> bool:
    """Whether `at` is later than `since`, and has come."""
    return at is not None and since < at <= now()
