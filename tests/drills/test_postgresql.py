"""F13: a PostgreSQL that restarts under everything, and one that has no connection left.

Deadlocks and rows that somebody holds are tried without processes: tests/phones/sync/test_locked_rows.py and
tests/phones/actions/test_at_once.py, on a real PostgreSQL.
"""

from __future__ import annotations

import contextlib
import time

import psycopg

from tests import servers
from tests.drills.installed import (
    DRILL,
    Meta,
    assert_all_is_made_good,
    assert_log_is_short,
    make_due,
    readiness,
    wait_for_status,
    wait_for_web,
)
from tests.processes.installation import Installation, stopped_afterwards, wait_until
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = DRILL


def test_five_restarts_of_postgresql_lose_nothing_and_need_nobody(
    cluster: servers.Cluster, on_cluster: Installation
) -> None:
    meta, began = Meta(on_cluster), time.monotonic()
    on_cluster.manage("shell", "-c", MAKE_LEAD)
    parts = on_cluster.start_all()
    with stopped_afterwards(*parts):
        wait_for_web(on_cluster)
        lead = Person(on_cluster.environment["PUBLIC_URL"], "lead", PASSWORD)
        for _ in range(5):
            due = make_due(on_cluster)
            assert meta.send() == 200
            cluster.stop()
            assert meta.send() == 503
            answer = lead.session.get(f"{lead.address}/phones/", timeout=30)
            assert (answer.status_code, "The desk can’t work at this moment" in answer.text) == (503, True)
            assert readiness(on_cluster)[0] == 503
            cluster.start()
            wait_for_status(meta.send, 200, on_cluster)
        assert_all_is_made_good(on_cluster, meta, parts, due)
    assert_log_is_short(on_cluster, began)


def test_a_postgresql_without_a_connection_left_is_waited_for(on_cluster: Installation) -> None:
    meta, began = Meta(on_cluster), time.monotonic()
    parts = on_cluster.start_all()
    with stopped_afterwards(*parts):
        wait_for_web(on_cluster)
        due = make_due(on_cluster)
        crowd = _Crowd(on_cluster.environment["DATABASE_URL"])
        with contextlib.closing(crowd):
            wait_until(crowd.has_all, on_cluster.log)
            wait_for_status(meta.send, 503, on_cluster)
            assert readiness(on_cluster)[0] == 503
            wait_until(lambda: "too many clients" in on_cluster.log(), on_cluster.log)
        assert_all_is_made_good(on_cluster, meta, parts, due)
    assert_log_is_short(on_cluster, began)


class _Crowd:
    """Connections that leave none to others."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._taken: list[psycopg.Connection[tuple[object, ...]]] = []

    def has_all(self) -> bool:
        """Connect until PostgreSQL refuses, then end what others have; whether there were none of others."""
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                self._taken.append(psycopg.connect(self._address, autocommit=True, application_name="crowd"))
        others = "FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'crowd'"
        return not self._taken[0].execute(f"SELECT pg_terminate_backend(pid) {others}".encode()).fetchall()

    def close(self) -> None:
        for one in self._taken:
            one.close()
