"""A Redis that restarts, is full, or takes connections and answers nothing; and a worker that is stopped meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import redis

from tests import servers
from tests.processes.installation import MARKS, Installation, is_up, stopped_afterwards, wait_until
from tests.processes.slow_clients import AT_ONCE_SECONDS
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

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


def test_a_page_does_not_wait_for_a_redis_that_takes_connections_and_answers_nothing(
    installation: Installation,
) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.environment["WEB_CONCURRENCY"] = "1"
    with stopped_afterwards(installation.start_web()):
        installation.manage("shell", "-c", MAKE_LEAD)
        wait_until(lambda: is_up(f"http://{address}/healthz"), installation.log)
        lead = Person(f"http://{address}", "lead", PASSWORD)
        waba = installation.ask("SELECT waba_id FROM clients_waba ORDER BY id LIMIT 1")
        with _deaf(installation.environment["REDIS_URL"]):
            lead.post("/account/mails/trial/")  # the cache finds out, and is left alone from now on
            started = time.monotonic()
            lead.post("/syncs/start/", scope="waba", id=waba)
            assert time.monotonic() - started < AT_ONCE_SECONDS
        assert installation.ask("SELECT count(*) FROM clients_syncrun WHERE scope = 'waba'") == 1


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


@contextlib.contextmanager
def _deaf(broker: str) -> Iterator[None]:
    """Meanwhile this Redis takes connections, and answers nothing."""
    with redis.Redis.from_url(broker) as client:
        pid = int(client.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
