"""F03, F04, F07, F08: a Redis that is killed five times, half-open, flushed; messages that come many times.

A Redis that takes connections and answers nothing while somebody clicks (F05), one that is full, and one restart, are
ordinary tests: tests/processes/test_redis.py. A desk without any (F06) is what `make run` starts.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

import redis

from tests import servers
from tests.drills.half_open import way_to
from tests.drills.installed import (
    DRILL,
    assert_log_is_short,
    make_due,
    readings,
    wait_for,
    wait_for_readings,
)
from tests.processes.installation import Installation, stopped_afterwards, wait_until

pytestmark = DRILL

# Each WABA by itself, so that its readings can be counted.
ONE_BY_ONE = {"SYNC_WABAS_A_CALL": "0"}
HALF_OPEN_SECONDS = 30
# F04: work goes on within a minute after the way is there again.
BACK_WITHIN_SECONDS = 60


def test_five_kills_of_redis_leave_every_waba_read_and_none_twice(installation: Installation) -> None:
    port = servers.free_port()
    installation.environment |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "LOG_LEVEL": "WARNING"}
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        parts = [installation.start_worker(), installation.start_beat()]
        stack.enter_context(stopped_afterwards(*parts))
        for _ in range(5):
            with servers.redis(port):
                wait_for_readings(installation, make_due(installation))
                since = make_due(installation)
                _kill(port)
        stack.enter_context(servers.redis(port))
        wait_for_readings(installation, since)
        before = readings(installation)
        wait_for_readings(installation, make_due(installation))

        assert set((readings(installation) - before).values()) == {1}
        assert [part.poll() for part in parts] == [None, None]
    assert_log_is_short(installation, began)


def test_a_redis_that_is_half_open_for_half_a_minute_is_found_again_within_one(installation: Installation) -> None:
    began = time.monotonic()
    with way_to(int(installation.environment["REDIS_URL"].split(":")[2].partition("/")[0])) as way:
        installation.environment |= {
            "REDIS_URL": f"redis://127.0.0.1:{way.port}/0",
            "LOG_LEVEL": "WARNING",
            **ONE_BY_ONE,
        }
        parts = [installation.start_worker(), installation.start_beat()]
        with stopped_afterwards(*parts):
            wait_until(lambda: sum(readings(installation).values()) >= 4, installation.log)
            way.lose()
            since, lost = make_due(installation), time.monotonic()
            wait_until(lambda: time.monotonic() - lost > HALF_OPEN_SECONDS, installation.log)
            way.heal()
            healed = time.monotonic()
            wait_for_readings(installation, since)
            assert time.monotonic() - healed < BACK_WITHIN_SECONDS
            assert [part.poll() for part in parts] == [None, None]
    assert_log_is_short(installation, began)


def test_a_flushed_redis_and_messages_that_come_many_times_make_one_reading_each(installation: Installation) -> None:
    installation.environment |= {"LOG_LEVEL": "WARNING", **ONE_BY_ONE}
    parts = [installation.start_worker(), installation.start_worker(), installation.start_beat()]
    with stopped_afterwards(*parts), redis.Redis.from_url(installation.environment["REDIS_URL"]) as broker:
        wait_until(lambda: sum(readings(installation).values()) >= 4, installation.log)
        wait_for(installation, "SELECT count(*) = 0 FROM clients_waba WHERE lease_token IS NOT NULL")
        before = readings(installation)
        since = make_due(installation)
        broker.flushall()
        wait_for_readings(installation, since)
        assert set((readings(installation) - before).values()) == {1}

        before = readings(installation)
        since = make_due(installation)
        again = "from phones.tasks import tick, work; [task.delay() for _ in range(30) for task in (work, tick, work)]"
        installation.manage("shell", "-c", again)
        wait_for_readings(installation, since)
        wait_until(lambda: not any(broker.type(key) == b"list" for key in broker.scan_iter()), installation.log)
        assert set((readings(installation) - before).values()) == {1}
    assert "Traceback" not in installation.log()


def _kill(port: int) -> None:
    """Kill -9, as when the machine runs out of memory."""
    with redis.Redis(port=port) as broker:
        pid = int(broker.info("server")["process_id"])
    os.kill(pid, signal.SIGKILL)
