"""F09, F10: two schedulers and three workers at once, several who ask for the same, and a scheduler that was away.

Two syncs of one WABA at once are one conversation with Meta, without processes: tests/phones/sync/test_runs.py.
"""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor

from tests import servers
from tests.drills.installed import DRILL, make_due, readings, wait_for, wait_for_readings, wait_for_web
from tests.processes.installation import Installation, kill_group, stopped_afterwards
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = DRILL


def test_two_schedulers_three_workers_and_eight_clicks_are_one_reading_of_each_waba(installation: Installation) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.manage("shell", "-c", MAKE_LEAD)
    parts = [installation.start_web(), installation.start_beat(), installation.start_beat()]
    parts += [installation.start_worker() for _ in range(3)]
    with stopped_afterwards(*parts):
        wait_for_web(installation)
        lead = Person(f"http://{address}", "lead", PASSWORD)
        wait_for_readings(installation, make_due(installation))
        before = readings(installation)
        # Meta is silent until all have asked: who came later finds the WABAs in the hands of whoever came first.
        installation.practice(
            "POST", "faults", {"match": {"path_contains": "/phone_numbers"}, "times": 4, "answer": {"hold": True}}
        )
        since = make_due(installation)
        wait_for(installation, "SELECT count(*) = 4 FROM clients_waba WHERE lease_until > now()")
        with ThreadPoolExecutor(8) as people:
            list(people.map(lambda _: lead.post("/syncs/start/", scope="everything"), range(8)))
        installation.practice("POST", "release")
        wait_for_readings(installation, since)
        wait_for(installation, "SELECT count(*) = 0 FROM clients_syncrun WHERE state IN ('waiting', 'running')")
        assert set((readings(installation) - before).values()) <= {1, 2}, "once for the clock, and once for who clicked"
        assert installation.ask("SELECT count(*) FROM clients_syncrun WHERE trigger = 'person'") == 1
        assert [part.poll() for part in parts] == [None] * len(parts)
    assert "Traceback" not in installation.log()


def test_a_scheduler_that_was_away_for_an_hour_is_caught_up_with_one_reading_each(installation: Installation) -> None:
    installation.environment["LOG_LEVEL"] = "WARNING"
    beat, worker = installation.start_beat(), installation.start_worker()
    with stopped_afterwards(beat, worker):
        wait_for_readings(installation, make_due(installation))
        kill_group(beat)
        before = readings(installation)
        since = make_due(installation)
        installation.tell("UPDATE clients_waba SET next_sync_at = now() - interval '1 hour'")
        installation.tell("UPDATE phones_heartbeat SET at = at - interval '1 hour'")
        with stopped_afterwards(installation.start_beat()):
            wait_for_readings(installation, since)
            ticked = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=8)
            wait_for(installation, "SELECT at > %s FROM phones_heartbeat WHERE name = 'tick'", ticked)
            assert set((readings(installation) - before).values()) == {1}
    assert "Traceback" not in installation.log()
