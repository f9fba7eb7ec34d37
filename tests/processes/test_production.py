"""Web, worker and scheduler as processes of their own, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests import servers
from tests.phones.events.sending import change, delivery, entry, signature
from tests.processes.installation import MARKS, Installation, kill_group, stopped_afterwards, wait_until

pytestmark = MARKS

NUMBERS_READ = "SELECT count(*) FROM phones_phonenumber WHERE missing_since IS NULL"


def test_a_fresh_machine_becomes_ready_and_a_new_worker_makes_good_what_a_killed_one_left(
    installation: Installation,
) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}"}
    assert not Path(installation.environment["STATE_DIR"]).exists()
    with stopped_afterwards(installation.start_web()):
        wait_until(lambda: status(f"http://{address}/healthz") == 200, installation.log)
        assert status(f"http://{address}/readyz") == 503, "no tick has come yet"

        worker = installation.start_worker()
        with stopped_afterwards(worker, installation.start_beat()):
            wait_until(lambda: status(f"http://{address}/readyz") == 200, installation.log)
            wait_until(lambda: installation.ask(NUMBERS_READ) == 12, installation.log)

            die_with_a_waba_in_hand(installation, lambda: kill_group(worker))
            calls = installation.calls()
            deliver_events(f"http://{address}/webhooks/meta/", installation)
            assert installation.ask("SELECT count(*) FROM phones_event WHERE state = 'waiting'") == 600

            with stopped_afterwards(installation.start_worker()):
                wait_until(lambda: installation.calls() > calls, installation.log)
                read = "SELECT count(*) FROM clients_waba WHERE lease_token IS NULL AND next_sync_at > '2026-02-01'"
                wait_until(lambda: installation.ask(read) == 4, installation.log)
                done = "SELECT count(*) FROM phones_event WHERE state = 'done'"
                wait_until(lambda: installation.ask(done) == 600, installation.log)
    assert installation.ask(NUMBERS_READ) == 12
    assert "Traceback" not in installation.log()
    assert installation.graph.credentials.system_user_token not in installation.log()


def die_with_a_waba_in_hand(installation: Installation, die: Callable[[], None]) -> None:
    """Have a WABA read, hold the answer back, and have the worker die that waits for it."""
    hold = {"match": {"path_contains": "phone_numbers"}, "times": 1, "answer": {"hold": True}}
    installation.practice("POST", "faults", hold)
    before = installation.calls()
    due = "UPDATE clients_waba SET next_sync_at = '2026-01-01' WHERE id = (SELECT min(id) FROM clients_waba)"
    assert installation.ask(f"{due} RETURNING 1") == 1
    wait_until(lambda: installation.calls() > before, installation.log)
    die()


def deliver_events(address: str, installation: Installation) -> None:
    """Post three signed deliveries of 200 events each, as Meta does."""
    waba_id = str(installation.ask("SELECT waba_id FROM clients_waba ORDER BY id"))
    for number in range(3):
        changes = [change("account_settings_update", {"n": n, "of": number}) for n in range(200)]
        body = delivery(entry(waba_id, *changes))
        signed = {"X-Hub-Signature-256": signature(body, installation.graph.credentials.app_secret)}
        request = urllib.request.Request(address, body, signed, method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


def status(address: str) -> int:
    """The status of the answer; 0 where there is none."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
