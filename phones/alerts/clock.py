"""When a person's mails are due, by the clock on their own wall. Pure.

A day is named by its date there, so that a clock that is put forward or back neither skips a morning nor repeats one.
"""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phones.alert_choices import DigestDays

_SATURDAY = 5


@lru_cache(maxsize=700)
def zone_of(name: str, *, otherwise: str = "UTC") -> ZoneInfo:
    """The time zone of this name; `otherwise` where there is none such."""
    for known in (name, otherwise):
        try:
            return ZoneInfo(known)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def digest_due(*, now: datetime, zone: ZoneInfo, at: time, days: str) -> date | None:
    """The day whose digest is due by now, which is today or none: a morning that was missed is made up for later on."""
    here = now.astimezone(zone)
    if days == DigestDays.NEVER or (days == DigestDays.WEEKDAYS and here.weekday() >= _SATURDAY):
        return None
    return here.date() if here.time() >= at else None


def is_quiet(*, now: datetime, zone: ZoneInfo, begins: time | None, ends: time | None) -> bool:
    """Whether it is within the quiet hours, which may run past midnight; never where there are none."""
    if begins is None or ends is None or begins == ends:
        return False
    here = now.astimezone(zone).time()
    if begins < ends:
        return begins <= here < ends
    return here >= begins or here < ends
