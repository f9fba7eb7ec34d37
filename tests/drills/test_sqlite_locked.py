"""F12: another program holds SQLite for writing. Who writes waits for ten seconds of it, and hears after twenty."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.sandbox.controls.launch import serving
from tests.drills.installed import DRILL, PRACTICE, Meta, make_due, wait_for_readings, wait_for_web
from tests.drills.on_sqlite import OnSqlite
from tests.processes.installation import stopped_afterwards, wait_until
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = DRILL

IN_PASSING_SECONDS = 10
CLICKS = "SELECT count(*) FROM clients_syncrun WHERE trigger = 'person'"


@pytest.fixture
def one_machine(tmp_path: Path) -> Iterator[OnSqlite]:
    with serving(PRACTICE) as graph:
        installation = OnSqlite(tmp_path, tmp_path / "log", graph)
        installation.manage("shell", "-c", MAKE_LEAD)
        yield installation


def test_a_click_and_a_delivery_wait_for_another_writer_or_say_that_they_could_not(one_machine: OnSqlite) -> None:
    meta = Meta(one_machine)
    with stopped_afterwards(*one_machine.start_all()), ThreadPoolExecutor(2) as people:
        wait_for_web(one_machine)
        lead = Person(one_machine.environment["PUBLIC_URL"], "lead", PASSWORD)
        form = {"scope": "everything", "csrfmiddlewaretoken": lead.session.cookies["csrf"]}

        def click() -> int:
            return lead.session.post(f"{lead.address}/syncs/start/", form, timeout=60).status_code

        with one_machine.connected() as other:
            other.execute("BEGIN IMMEDIATE")
            held = time.monotonic()
            clicked, delivered = people.submit(click), people.submit(meta.send)
            wait_until(lambda: time.monotonic() - held > IN_PASSING_SECONDS, one_machine.log)
            other.execute("ROLLBACK")
            assert (clicked.result(), delivered.result()) == (200, 200)
            assert one_machine.ask(CLICKS) == 1

            wait_for_readings(one_machine, make_due(one_machine))
            other.execute("BEGIN IMMEDIATE")
            clicked, delivered = people.submit(click), people.submit(meta.send)
            assert (clicked.result(), delivered.result()) == (503, 503)
            other.execute("ROLLBACK")
        meta.send_again()
        assert not meta.refused
        meta.assert_nothing_was_lost()
        assert one_machine.ask(CLICKS) == 1
        wait_for_readings(one_machine, make_due(one_machine))
    assert "Traceback" not in one_machine.log()
