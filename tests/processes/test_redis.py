"""A Redis that restarts, or is full, and a worker that is stopped meanwhile."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time

import redis

from tests import servers
from tests.processes.installation import MARKS, Installation, stopped_afterwards, wait_until

pytestmark = MARKS

# Calls to a silent Meta end after 10 seconds; the rest is for a machine that is busy with other tests.
STOPS_WITHIN_SECONDS = 25


def test_a_busy_worker_and_the_scheduler_outlive_a_redis_that_restarts_and_is_full(installation: Installation) -> None:
    port = servers.free_port()
    installation.environment |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "LOG_LEVEL": "WARNING"}
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        with servers.redis(port):
            worker, beat = installation.start_worker(), installation.start_beat()
            stack.enter_context(stopped_afterwards(worker, beat))
            _read_something(installation)
            _be_silent_at_meta(installation)
        wait_until(lambda: "The broker can't be used" in installation.log(), installation.log)
        broker = stack.enter_context(redis.Redis.from_url(installation.environment["REDIS_URL"]))
        stack.enter_context(servers.redis(port))
        _answer_again(installation)

        _read_something(installation)
        broker.config_set("maxmemory", 1)
        said = len(installation.log())
        wait_until(lambda: "maxmemory" in installation.log()[said:], installation.log)
        broker.config_set("maxmemory", 0)
        _read_something(installation)

        assert (worker.poll(), beat.poll()) == (None, None), installation.log()
        assert "Traceback" not in installation.log()
        minutes = (time.monotonic() - started) // 60
        for who in ("celery.beat", "celery.worker.consumer.consumer"):
            faults = [
                line for line in installation.log().splitlines() if "broker can't be used" in line and who in line
            ]
            kinds = len({line.partition("event=")[2] for line in faults})
            assert kinds <= len(faults) <= kinds * (2 + minutes), faults

        _be_silent_at_meta(installation)
        assert _seconds_to_stop(worker) < STOPS_WITHIN_SECONDS


def _read_something(installation: Installation) -> None:
    before = installation.calls()

    def is_read() -> bool:
        # Each time anew: a reading that was under way puts the WABA off again.
        installation.tell("UPDATE clients_waba SET next_sync_at = '2026-01-01' WHERE lease_token IS NULL")
        return installation.calls() > before

    wait_until(is_read, installation.log)


def _be_silent_at_meta(installation: Installation) -> None:
    """Have a worker wait for Meta."""
    installation.practice("POST", "faults", {"match": {"path_contains": "/"}, "answer": {"hold": True}})
    _read_something(installation)


def _answer_again(installation: Installation) -> None:
    installation.practice("DELETE", "faults")
    installation.practice("POST", "release")


def _seconds_to_stop(worker: subprocess.Popen[bytes]) -> float:
    started = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(100)
    return time.monotonic() - started
