"""F01, F02, F16: a worker that is killed between two pages, or inside the transaction that stores them; a web process
that is stopped while Meta carries something out.

Kills with an answer under way are ordinary tests in tests/processes: test_production, test_killed_sync, test_bulk_run.
A worker that is asked to stop while Meta is silent: tests/processes/test_redis.py.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.conf import settings as project

from portal.sandbox.controls.launch import serving
from tests.drills.installed import (
    DRILL,
    PRACTICE,
    environment_of,
    make_due,
    wait_for,
    wait_for_readings,
    wait_for_web,
)
from tests.drills.on_sqlite import OnSqlite
from tests.processes.desk import do
from tests.processes.installation import Installation, kill_group, stopped_afterwards, wait_until
from tests.processes.overheard import Visitor
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD, added, registrations

pytestmark = DRILL

NUMBERS = "SELECT count(*) FROM phones_phonenumber"
PICTURE = "SELECT count(*) || ':' || min(synced_at) || ':' || max(synced_at) FROM phones_numberage"
SLOW_ON_POSTGRESQL = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(10); RETURN NEW; END';
CREATE TRIGGER slow BEFORE UPDATE OF synced_at ON phones_numberage FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""
# A trigger may use no WITH itself; it counts for minutes.
SLOW_ON_SQLITE = [
    """CREATE VIEW slow AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000000)
    SELECT max(n) AS n FROM c""",
    "CREATE TRIGGER slow BEFORE UPDATE OF synced_at ON phones_numberage BEGIN SELECT n FROM slow; END",
]


def test_a_worker_killed_between_two_pages_has_stored_nothing_and_the_next_one_reads_all(
    installation: Installation,
) -> None:
    installation.environment["SYNC_WABAS_A_CALL"] = "0"  # each WABA by itself, so that it is known before its numbers
    waba = largest_waba(installation)
    added(installation, waba, {}, 250)
    third = {"match": {"path_contains": f"/{waba}/phone_numbers", "page": 3}, "times": 1, "answer": {"hold": True}}
    installation.practice("POST", "faults", third)
    of_it = "SELECT count(*) FROM phones_phonenumber WHERE waba_id = (SELECT id FROM clients_waba WHERE waba_id = %s)"
    beat, worker = installation.start_beat(), installation.start_worker()
    with stopped_afterwards(beat, worker):
        wait_until(lambda: installation.practice("GET", "faults")["faults"] == [], installation.log)
        kill_group(worker)
        assert installation.ask(of_it, waba) == 0
        assert installation.ask("SELECT attempts FROM clients_waba WHERE waba_id = %s", waba) == 1
        since = make_due(installation)

        with stopped_afterwards(installation.start_worker()):
            wait_for_readings(installation, since)
        assert installation.ask(of_it, waba) == len(numbers_of(installation, waba))
        assert installation.ask("SELECT attempts FROM clients_waba WHERE waba_id = %s", waba) == 0
    assert "Traceback" not in installation.log()


def test_a_worker_killed_inside_the_transaction_leaves_every_row_as_it_was_on_postgresql(
    installation: Installation,
) -> None:
    installation.manage("sync")
    before = installation.ask(PICTURE)
    installation.tell(SLOW_ON_POSTGRESQL)
    beat, worker = installation.start_beat(), installation.start_worker()
    with stopped_afterwards(beat, worker):
        since = make_due(installation)
        sleeps = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        wait_for(installation, sleeps)
        kill_group(worker)
        wait_for(installation, sleeps.replace("> 0", "= 0"))
        assert installation.ask(PICTURE) == before
        installation.tell("DROP TRIGGER slow ON phones_numberage")

        with stopped_afterwards(installation.start_worker()):
            wait_for_readings(installation, since)
        assert installation.ask(NUMBERS) == 12
        assert installation.ask(PICTURE) != before


def test_a_sync_killed_inside_the_transaction_leaves_every_row_as_it_was_on_sqlite(tmp_path: Path) -> None:
    with serving(PRACTICE) as graph:
        installation = OnSqlite(tmp_path, tmp_path / "log", graph)
        installation.manage("sync")
        before = installation.ask(PICTURE)
        for statement in SLOW_ON_SQLITE:
            installation.tell(statement)
        command = [sys.executable, "manage.py", "sync"]
        sync = subprocess.Popen(command, cwd=project.BASE_DIR, env=installation.environment, start_new_session=True)
        with stopped_afterwards(sync):
            wait_until(lambda: is_written_for_long(installation), installation.log)
        assert installation.ask(PICTURE) == before
        installation.tell("DROP TRIGGER slow")

        since = make_due(installation)
        with stopped_afterwards(*installation.start_all()):
            wait_for_readings(installation, since)
        assert installation.ask(NUMBERS) == 12
        assert installation.ask(PICTURE) != before


def test_a_web_process_stopped_while_meta_registers_a_number_sends_it_once(installation: Installation) -> None:
    waba = largest_waba(installation)
    (number,) = added(installation, waba, {}, 1)
    address = environment_of(installation.graph, Path("/"))["BIND"]
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.manage("shell", "-c", MAKE_LEAD)
    installation.practice("POST", "faults", {"match": {"path_contains": "/register"}, "answer": {"hold": True}})
    web = installation.start_web()
    with stopped_afterwards(web):
        wait_for_web(installation)
        lead = Visitor(installation.environment["PUBLIC_URL"], [])
        lead.get("/login/")
        lead.post("/login/", username="lead", password=PASSWORD)
        do(lead, number, "register", source="generate")
        wait_until(lambda: registrations(installation).total() == 1, installation.log)
        web.send_signal(signal.SIGTERM)
        web.wait(60)
    # Where its end came before Meta's silence was over: an answer is waited for, for a minute and a half, before a
    # reading decides in its place.
    installation.tell("UPDATE phones_action SET created_at = created_at - interval '5 minutes'")
    installation.manage("shell", "-c", "from phones.tasks import settle; settle()")  # as every two minutes
    assert installation.ask("SELECT state FROM phones_action") == "succeeded"
    assert registrations(installation) == {number: 1}


def largest_waba(installation: Installation) -> str:
    wabas = installation.practice("GET", "book")["wabas"]
    return str(max(wabas, key=lambda waba: len(waba["phone_number_ids"]))["id"])


def numbers_of(installation: Installation, waba_id: str) -> list[str]:
    wabas = installation.practice("GET", "book")["wabas"]
    return next(list(waba["phone_number_ids"]) for waba in wabas if waba["id"] == waba_id)


def is_written_for_long(installation: OnSqlite) -> bool:
    """Whether somebody else holds the database for writing, and goes on to for as long as nobody does in passing."""
    with installation.connected() as connection:
        connection.execute("PRAGMA busy_timeout=3000")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False
