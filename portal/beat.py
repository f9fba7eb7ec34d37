"""When messages of the clock are sent: none into a queue that nobody empties, and none waits for a wrong clock.

Messages carry no time after which they count for nothing: the worker would judge that by its own clock, and one that
runs some seconds ahead of the scheduler's would drop every one of them.
"""

from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry, Scheduler
from celery.utils.time import maybe_make_aware

# What a worker that was away for long finds when it comes back; the database knows the rest.
MOST_WAITING = 50


class _FromTheClock(Scheduler):
    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One turn. An entry that ran at a time which is still to come, after the clock was set back, begins anew."""
        for entry in self.schedule.values():
            now = entry.default_now()
            ran_at = entry.last_run_at or now
            if maybe_make_aware(ran_at) > maybe_make_aware(now):
                entry.last_run_at = now
                self._heap = None
        seconds: float = super().tick(*args, **kwargs)
        return seconds

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Celery's
        if producer is not None and self._waiting(producer) >= MOST_WAITING:
            return None
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _waiting(self, producer: Any) -> int:
        """How many messages the queue holds; 0 where that can't be told, and sending finds out why."""
        try:
            # Asked politely, by a passive declaration, Redis under a prefix says that there is no such queue.
            return int(producer.channel._size(self.app.conf.task_default_queue))
        except Exception:  # noqa: BLE001 - of the broker's client or its connection, of whatever kind
            return 0


class EmbeddedClock(_FromTheClock):
    """For the scheduler inside the web process."""


class Clock(_FromTheClock, PersistentScheduler):
    """For a scheduler of its own, which keeps in a file when each entry ran last."""
