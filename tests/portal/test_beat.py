"""The clock that wakes workers: no message of it can be dropped by a clock, or piles up while nobody works."""

import datetime
from typing import Any

from portal.beat import MOST_WAITING, EmbeddedClock
from portal.celery import app


def test_no_message_says_until_when_it_counts() -> None:
    entries = app.conf.beat_schedule.values()
    assert not [entry for entry in entries if "expires" in entry.get("options", {})]


def test_messages_of_the_clock_do_not_pile_up_and_it_goes_on_when_it_is_set_back() -> None:
    clock = EmbeddedClock(app=app)
    hour = datetime.timedelta(hours=1)
    queue = app.conf.task_default_queue
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_purge(queue)

        for _ in range(MOST_WAITING + 10):
            _all_ran(clock, -hour)
            clock.tick()
        assert channel._size(queue) == MOST_WAITING

        channel.queue_purge(queue)
        _all_ran(clock, hour)
        assert clock.tick() < 5, "not for the hour that the clock was set back by"


def _all_ran(clock: EmbeddedClock, since: datetime.timedelta) -> None:
    for entry in clock.schedule.values():
        entry.last_run_at = entry.default_now() + since
    clock._heap = None
