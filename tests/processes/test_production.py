"""Web, worker and scheduler as processes of their own, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

from tests import servers
from tests.phones.events.sending import change, delivery, entry, signature
from tests.processes.installation import (
    MARKS,
    Installation,
    is_up,
    kill_group,
    stopped_afterwards,
    wait_until,
)

pytestmark = MARKS


def test_a_due_waba_is_read_and_read_again_after_the_worker_was_killed(installation: Installation) -> None:
    beat = installation.start_beat()
    worker = installation.start_worker()
    with stopped_afterwards(beat, worker):
        wait_until(lambda: installation.calls() >= 4, installation.log)
        wait_until(lambda: installation.ask("SELECT count(*) FROM phones_phonenumber") == 12, installation.log)

        # The answer is held back, the worker dies with the WABA in its hands, and another one takes it over.
        urllib.request.urlopen(
            urllib.request.Request(
                f"{installation.graph.url}/_practice/faults",
                method="POST",
                data=json.dumps(
                    {"match": {"path_contains": "phone_numbers"}, "times": 1, "answer": {"hold": True}}
                ).encode(),
            ),
            timeout=5,
        ).close()
        before = installation.calls()
        due = "UPDATE clients_waba SET next_sync_at = '2026-01-01' WHERE id = (SELECT min(id) FROM clients_waba)"
        assert installation.ask(f"{due} RETURNING 1") == 1
        wait_until(lambda: installation.calls() > before, installation.log)
        kill_group(worker)
        second = installation.start_worker()
        with stopped_afterwards(second):
            wait_until(lambda: installation.calls() > before + 1, installation.log)
            read = "SELECT count(*) FROM clients_waba WHERE lease_token IS NULL AND next_sync_at > '2026-02-01'"
            wait_until(lambda: installation.ask(read) == 4, installation.log)
        assert installation.ask("SELECT count(*) FROM phones_phonenumber WHERE missing_since IS NULL") == 12
        assert "Traceback" not in installation.log()
        assert installation.graph.credentials.system_user_token not in installation.log()


def test_the_web_process_is_ready_when_database_broker_and_ticks_are_on_a_fresh_machine(
    installation: Installation,
) -> None:
    port = servers.free_port()
    installation.environment["BIND"] = f"127.0.0.1:{port}"
    assert not Path(installation.environment["STATE_DIR"]).exists()
    web = installation.start_web()

    def status(path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    with stopped_afterwards(web):
        wait_until(lambda: status("/healthz") == 200, installation.log)
        assert status("/readyz") == 503, "no tick has come yet"
        worker = installation.start_worker()
        beat = installation.start_beat()
        with stopped_afterwards(worker, beat):
            wait_until(lambda: status("/readyz") == 200, installation.log)


def test_events_wait_for_a_worker_that_is_down_and_are_applied_once_it_is_back(installation: Installation) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.manage("sync")
    waba_id = str(installation.ask("SELECT waba_id FROM clients_waba ORDER BY id"))
    web = installation.start_web()
    with stopped_afterwards(web):
        wait_until(lambda: is_up(f"http://{address}/healthz"), installation.log)
        for number in range(3):
            changes = [change("account_settings_update", {"n": n, "of": number}) for n in range(200)]
            deliver(f"http://{address}/webhooks/meta/", delivery(entry(waba_id, *changes)), installation)
        assert installation.ask("SELECT count(*) FROM phones_event WHERE state = 'waiting'") == 600

        beat = installation.start_beat()
        with stopped_afterwards(beat, installation.start_worker()):
            done = "SELECT count(*) FROM phones_event WHERE state = 'done'"
            wait_until(lambda: installation.ask(done) == 600, installation.log)


def deliver(address: str, body: bytes, installation: Installation) -> None:
    """Post a signed delivery, as Meta does."""
    signed = {"X-Hub-Signature-256": signature(body, installation.graph.credentials.app_secret)}
    request = urllib.request.Request(address, body, signed, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
