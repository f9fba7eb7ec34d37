"""Clients who send a byte a second, a Graph and a Redis that do not answer: none of them keeps others waiting."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from tests import servers
from tests.processes.installation import MARKS, Installation, installed, is_up, stopped_afterwards, wait_until
from tests.processes.slow_clients import AT_ONCE_SECONDS, assert_nobody_waits, seconds_of, slow_clients
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = MARKS


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Installation]:
    """A portal with one web process and no worker, whose lead has read all numbers."""
    address = f"127.0.0.1:{servers.free_port()}"
    with installed(tmp_path_factory.mktemp("slow"), new_database()) as installation:
        installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
        installation.environment["WEB_CONCURRENCY"] = "1"
        with stopped_afterwards(installation.start_web()):
            installation.manage("shell", "-c", MAKE_LEAD)
            wait_until(lambda: is_up(f"http://{address}/healthz"), installation.log)
            yield installation


@pytest.fixture
def address(desk: Installation) -> Iterator[str]:
    yield desk.environment["BIND"]
    assert "Traceback" not in desk.log()


def test_slow_heads_and_bodies_delay_nobody_and_end(address: str) -> None:
    with slow_clients(address) as slow:
        assert_nobody_waits(address, slow)

        # The heads are given ten seconds and no more, however often a byte comes.
        slow[0].settimeout(20)
        assert slow[0].recv(100).startswith(b"HTTP/1.1 408 ")


def test_while_graph_is_silent_a_person_waits_a_few_seconds_and_health_does_not(
    address: str, desk: Installation
) -> None:
    lead = Person(f"http://{address}", "lead", PASSWORD)
    ids = desk.ask("SELECT json_agg(phone_number_id) FROM phones_phonenumber")
    assert isinstance(ids, list)

    with _silent_graph(desk), ThreadPoolExecutor(18) as people:
        started = time.monotonic()
        clicks = [people.submit(lead.post, f"/phones/{pk}/refresh/") for pk in (ids * 2)[:18]]
        for _ in range(8):
            assert seconds_of(f"http://{address}/healthz") < AT_ONCE_SECONDS
            assert seconds_of(f"http://{address}/login/") < AT_ONCE_SECONDS
            time.sleep(0.3)
        for click in clicks:
            click.result(30)
        assert time.monotonic() - started < 11.5  # 6 seconds for each, and the page; one after the other it would be 12

        open_ones = "SELECT count(*) FROM phones_action WHERE closed_at IS NULL"
        wait_until(lambda: desk.ask(open_ones) == 0, desk.log)


def test_a_page_does_not_wait_for_a_redis_that_takes_connections_and_answers_nothing(
    address: str, desk: Installation
) -> None:
    lead = Person(f"http://{address}", "lead", PASSWORD)
    waba = desk.ask("SELECT waba_id FROM clients_waba ORDER BY id LIMIT 1")
    with _deaf(desk.environment["REDIS_URL"]):
        lead.post("/account/mails/trial/")  # the cache finds out, and is left alone from now on
        started = time.monotonic()
        lead.post("/syncs/start/", scope="waba", id=waba)
        assert time.monotonic() - started < AT_ONCE_SECONDS
    assert desk.ask("SELECT count(*) FROM clients_syncrun WHERE scope = 'waba'") == 1


@contextlib.contextmanager
def _silent_graph(desk: Installation) -> Iterator[None]:
    """Meanwhile Meta takes calls, and answers nothing."""
    desk.practice("POST", "faults", {"match": {"path_contains": "/"}, "answer": {"hold": True}})
    try:
        yield
    finally:
        desk.practice("DELETE", "faults")
        desk.practice("POST", "release")


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
