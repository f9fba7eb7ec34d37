"""F30: whatever the interval, readings by the clock leave half of a WABA's calls to people and actions.

Three hours of an idle desk in some seconds, by a clock that is moved: real processes would take hours.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from phones.sync import schedule
from phones.sync.engine import Engine
from tests.phones.sync.scripted_book import scripted_book
from tests.scripted_graph import Answer, Request, answer

pytestmark = [pytest.mark.drills, pytest.mark.django_db, pytest.mark.timeout(500)]

HOUR = datetime.timedelta(hours=1)
# Meta gives 200 calls to a WABA without a registered number; with fewer the drill is over sooner.
CALLS_AN_HOUR = 40


def test_an_idle_scheduler_that_reads_each_minute_leaves_half_of_the_calls(settings: Any, time_machine: Any) -> None:
    settings.SYNC_INTERVAL_MINUTES = 1
    called: list[datetime.datetime] = []
    most_an_hour = 0
    with scripted_book(settings) as book:
        (waba,) = book.add(1)

        def counted(request: Request) -> Answer | None:
            nonlocal most_an_hour
            if f"/{waba}" not in request.path:
                return None
            called.append(timezone.now())
            lately = sum(at > timezone.now() - HOUR for at in called)
            most_an_hour = max(most_an_hour, lately)
            usage = {"X-Business-Use-Case-Usage": f'{{"{waba}": [{{"call_count": {100 * lately // CALLS_AN_HOUR}}}]}}'}
            is_list = request.path.endswith("/phone_numbers")
            return answer({"data": book.wabas[waba]}, headers=usage) if is_list else None

        book.trouble = counted
        began = timezone.now()
        for minute in range(180):
            time_machine.move_to(began + datetime.timedelta(minutes=minute))
            if schedule.tick():
                Engine(threads=2).work(seconds=5)

    assert CALLS_AN_HOUR // 2 <= most_an_hour <= CALLS_AN_HOUR // 2 + 1
    assert timezone.now() - called[-1] < 1.2 * HOUR, "it goes on to be read"
