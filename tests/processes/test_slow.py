"""Clients who send a byte a second, and a Graph that does not answer, keep nobody else waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import servers
from tests.processes.installation import MARKS, Installation, is_up, stopped_afterwards, wait_until
from tests.processes.slow_clients import AT_ONCE_SECONDS, assert_nobody_waits, seconds_of, slow_clients
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = MARKS


@pytest.fixture
def desk(installation: Installation) -> Iterator[str]:
    """The address of a portal with one web process, whose lead has read all numbers."""
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.environment["WEB_CONCURRENCY"] = "1"
    with stopped_afterwards(installation.start_web()):
        installation.manage("shell", "-c", MAKE_LEAD)
        wait_until(lambda: is_up(f"http://{address}/healthz"), installation.log)
        yield address


def test_slow_heads_and_bodies_delay_nobody_and_end(desk: str, installation: Installation) -> None:
    with slow_clients(desk) as slow:
        assert_nobody_waits(desk, slow)

        # The heads are given ten seconds and no more, however often a byte comes.
        slow[0].settimeout(20)
        assert slow[0].recv(100).startswith(b"HTTP/1.1 408 ")
    assert "Traceback" not in installation.log()


def test_while_graph_is_silent_a_person_waits_a_few_seconds_and_health_does_not(
    desk: str, installation: Installation
) -> None:
    lead = Person(f"http://{desk}", "lead", PASSWORD)
    ids = installation.ask("SELECT json_agg(phone_number_id) FROM phones_phonenumber")
    assert isinstance(ids, list)
    installation.practice("POST", "faults", {"match": {"path_contains": "/"}, "answer": {"hold": True}})

    with ThreadPoolExecutor(18) as people:
        started = time.monotonic()
        clicks = [people.submit(lead.post, f"/phones/{pk}/refresh/") for pk in (ids * 2)[:18]]
        for _ in range(8):
            assert seconds_of(f"http://{desk}/healthz") < AT_ONCE_SECONDS
            assert seconds_of(f"http://{desk}/login/") < AT_ONCE_SECONDS
            time.sleep(0.3)
        for click in clicks:
            click.result(30)
        assert time.monotonic() - started < 11.5  # 6 seconds for each, and the page; one after the other it would be 12

    open_ones = "SELECT count(*) FROM phones_action WHERE closed_at IS NULL"
    wait_until(lambda: installation.ask(open_ones) == 0, installation.log)
    assert "Traceback" not in installation.log()
