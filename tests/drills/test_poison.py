"""F17: a WABA that ends whoever reads it is set aside after three tries; the others are read, and staff see why."""

from __future__ import annotations

from pathlib import Path

from tests import servers
from tests.drills.installed import DRILL, make_due, readings, wait_for, wait_for_web
from tests.processes.installation import Installation, stopped_afterwards
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = DRILL

POISON = Path(__file__).parent / "poison"


def test_a_waba_that_ends_its_reader_is_set_aside_and_told_and_the_others_are_read(installation: Installation) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "WEB_CONCURRENCY": "1"}
    installation.manage("shell", "-c", MAKE_LEAD)
    poison = str(installation.ask("SELECT waba_id FROM clients_waba ORDER BY id LIMIT 1"))
    before = readings(installation)
    web = installation.start_web()
    installation.environment |= {"PYTHONPATH": str(POISON), "POISON": f"/{poison}/phone_numbers"}
    parts = [web, installation.start_worker(), installation.start_beat()]
    with stopped_afterwards(*parts):
        since = make_due(installation)
        set_aside = (
            "SELECT count(*) = 1 FROM clients_waba JOIN clients_syncfailure ON clients_syncfailure.id = last_failure_id"
            " WHERE clients_waba.waba_id = %s AND kind = 'worker_lost' AND attempts = 0 AND next_sync_at > now()"
        )
        wait_for(installation, set_aside, poison)
        wait_for(installation, "SELECT count(*) = 3 FROM clients_waba WHERE last_synced_at > %s", since)
        assert poison not in readings(installation) - before, "it never got as far as Meta"
        others = (
            "SELECT count(*) FROM clients_syncfailure WHERE waba_id <> (SELECT id FROM clients_waba WHERE waba_id = %s)"
        )
        assert installation.ask(others, poison) == 0

        wait_for_web(installation)
        lead = Person(f"http://{address}", "lead", PASSWORD)
        assert poison in lead.get("/wabas/?failing=1")
        assert [part.poll() for part in parts] == [None] * 3
