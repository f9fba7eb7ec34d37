"""F29, F31: a worker that stood still and goes on with an old answer; a wait for Meta that outlives its worker.

What waits come to is held without processes: tests/phones/sync/test_waits.py (estimates that can't be true among them),
test_app_limits.py, test_faults.py.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess

import redis

from tests.drills.installed import DRILL, make_due, readings, wait_for, wait_for_readings
from tests.processes.installation import Installation, kill_group, stopped_afterwards, wait_until

pytestmark = DRILL

QUALITY = "SELECT quality_rating FROM phones_phonenumber WHERE phone_number_id = %s"


def test_a_worker_that_stood_still_does_not_put_an_old_answer_over_a_newer_one(installation: Installation) -> None:
    slow, quick, beat = installation.start_worker(), installation.start_worker(), installation.start_beat()
    with stopped_afterwards(slow, quick, beat):
        wait_until(lambda: _how_many_listen(installation) == 2, installation.log)
        wait_for_readings(installation, make_due(installation))
        number = str(installation.ask("SELECT min(phone_number_id) FROM phones_phonenumber"))
        now = "RED" if installation.ask(QUALITY, number) != "RED" else "GREEN"

        _stand_still(quick)
        hold = {"match": {"path_contains": "/phone_numbers"}, "times": 4, "answer": {"hold": True}}
        installation.practice("POST", "faults", hold)
        since = make_due(installation)
        wait_until(lambda: installation.practice("GET", "faults")["faults"] == [], installation.log)
        _stand_still(slow)
        installation.practice("PATCH", f"numbers/{number}", {"set": {"quality_rating": now}})
        _go_on(quick)
        wait_for_readings(installation, since)
        assert installation.ask(QUALITY, number) == now

        installation.practice("POST", "release")
        _go_on(slow)
        slow.send_signal(signal.SIGTERM)
        slow.wait(60)
        assert installation.ask(QUALITY, number) == now
    assert "Traceback" not in installation.log()


def test_a_waba_that_meta_wants_left_alone_is_left_alone_by_the_next_worker_too(installation: Installation) -> None:
    beat, worker = installation.start_beat(), installation.start_worker()
    with stopped_afterwards(beat, worker):
        wait_for_readings(installation, make_due(installation))
        waba = str(installation.ask("SELECT min(waba_id) FROM clients_waba"))
        usage = {
            waba: [{"type": "whatsapp_business_management", "call_count": 100, "estimated_time_to_regain_access": 19}]
        }
        refusal = {
            "graph_error": {"code": 80008},
            "headers": {"X-Business-Use-Case-Usage": json.dumps(usage)},
        }
        match = {"path_contains": f"/{waba}/phone_numbers"}
        installation.practice("POST", "faults", {"match": match, "times": None, "answer": refusal})
        make_due(installation)
        waits = "SELECT not_before > now() + interval '18 minutes' FROM clients_waba WHERE waba_id = %s"
        wait_for(installation, waits, waba)
        kill_group(worker)
        before = readings(installation)
        make_due(installation)

        with stopped_afterwards(installation.start_worker()):
            read = "SELECT count(*) = 3 FROM clients_waba WHERE next_sync_at > now() AND waba_id <> %s"
            wait_for(installation, read, waba)
            wait_for(installation, waits, waba)
        asked = readings(installation) - before
        assert (len(asked), asked[waba]) == (3, 0)
    assert "Traceback" not in installation.log()


def _stand_still(worker: subprocess.Popen[bytes]) -> None:
    """As on a machine that is suspended, or moved to another host."""
    os.killpg(worker.pid, signal.SIGSTOP)


def _go_on(worker: subprocess.Popen[bytes]) -> None:
    os.killpg(worker.pid, signal.SIGCONT)


def _how_many_listen(installation: Installation) -> int:
    """How many workers wait for messages at this moment."""
    with redis.Redis.from_url(installation.environment["REDIS_URL"]) as broker:
        return sum(client["cmd"] == "brpop" for client in broker.client_list())
