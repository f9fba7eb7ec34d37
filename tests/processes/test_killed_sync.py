"""A sync that is killed in the middle leaves nothing half-done, and the next one puts everything right."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as project

from portal.sandbox.controls.launch import Options, serving

pytestmark = pytest.mark.processes


def test_a_sync_killed_in_the_middle_is_made_good_by_the_next(migrated_state: Path) -> None:
    with serving(Options(port=0, still=True, wabas=8, numbers=40, healthy=True)) as server:
        environment = {
            **server.credentials.environment(server.url),
            "PATH": os.environ["PATH"],
            "STATE_DIR": str(migrated_state),
            "LOG_LEVEL": "WARNING",
            "SYNC_LEASE_SECONDS": "3",
            "SYNC_WABAS_A_CALL": "0",  # each WABA by itself, so that it dies with some of them stored
        }
        manage = [sys.executable, "manage.py"]
        held = server.world.wabas[next(iter(server.world.wabas))].id
        fault: Any = {"match": {"path_contains": f"/{held}/phone_numbers"}, "times": 1, "answer": {"hold": True}}
        requests.post(f"{server.url}/_practice/faults", json=fault, timeout=5).raise_for_status()
        victim = subprocess.Popen([*manage, "sync"], cwd=project.BASE_DIR, env=environment, start_new_session=True)
        while not any(held in call["path"] for call in _calls(server.url)):
            time.sleep(0.1)  # another process is at work; there is no event to wait for
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait(10)

        done = subprocess.run(
            [*manage, "sync"], cwd=project.BASE_DIR, env=environment, capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 0, done.stdout + done.stderr
        again = subprocess.run(
            [*manage, "sync"], cwd=project.BASE_DIR, env=environment, capture_output=True, text=True, timeout=100
        )
        assert "numbers=40 added=0 changed=0 unchanged=40 missing=0 failed=0" in again.stdout


def _calls(url: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = requests.get(f"{url}/_practice/log", timeout=5).json()["requests"]
    return found
