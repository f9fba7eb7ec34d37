"""What scheduled work has noted of itself lately: when it was done, which clocks are off, what Meta has wait."""

import datetime
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from phones.models import Heartbeat
from phones.sync.told_use import Tight
from phones.sync.waits import Asleep
from portal import database_clock

_LATELY = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Beats:
    at: dict[str, datetime.datetime]
    """When each kind of work was done last, by its name."""
    clock_off_seconds: float
    """Of all machines that did work within the hour, and of this one, the clock that is furthest off."""
    asleep: Asleep | None
    """What was asleep at the last tick and still is."""
    tight: Tight | None = None
    """What had little left of its quota at the last tick, where that was lately."""

    @property
    def clock_off(self) -> str:
        """How far off that clock is, in words; empty where that does not matter."""
        if abs(self.clock_off_seconds) <= database_clock.TOLERATED.total_seconds():
            return ""
        return f"{abs(self.clock_off_seconds):.0f} s {'ahead' if self.clock_off_seconds > 0 else 'behind'}"


def worth_telling() -> QuerySet[Heartbeat]:
    """The rows, if any, that say of a clock that is off or of what Meta has wait."""
    off = database_clock.TOLERATED.total_seconds()
    tells = Q(notes__isnull=False) | Q(clock_ahead_seconds__gt=off) | Q(clock_ahead_seconds__lt=-off)
    return Heartbeat.objects.filter(tells, at__gt=database_clock.now() - _LATELY)


def beats() -> Beats:
    """One statement."""
    rows = {beat.name: beat for beat in Heartbeat.objects.all()}
    now = database_clock.now()
    off = [beat.clock_ahead_seconds for beat in rows.values() if beat.at > now - _LATELY]
    off.append(database_clock.ahead().total_seconds())
    tick = rows.get("tick")
    notes = (tick.notes or {}) if tick is not None else {}
    asleep = Asleep.from_json(notes.get("asleep"))
    is_late = tick is None or tick.at < now - _LATELY
    return Beats(
        at={name: beat.at for name, beat in rows.items()},
        clock_off_seconds=max(off, key=abs),
        asleep=asleep if asleep is not None and asleep.until > now else None,
        tight=None if is_late else Tight.from_json(notes.get("tight")),
    )
