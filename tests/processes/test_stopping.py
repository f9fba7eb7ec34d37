"""`manage.py serve` beside slow clients, and ended in ways in which it can't stop what it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project

from tests import servers
from tests.processes.installation import is_up, wait_until
from tests.processes.slow_clients import assert_nobody_waits, slow_clients

pytestmark = [pytest.mark.processes, pytest.mark.timeout(500)]


def test_make_run_starts_again_what_ends_and_leaves_nothing_when_killed_or_hung_up(tmp_path: Path) -> None:
    port = servers.free_port()
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # where the tests run under nohup, all would ignore it
    try:
        _serve_until_up(tmp_path, port).kill()
        after_a_kill = _serve_until_up(tmp_path, port)
        with slow_clients(f"127.0.0.1:{port}") as slow:
            assert_nobody_waits(f"127.0.0.1:{port}", slow)

        os.kill(_web(tmp_path), signal.SIGKILL)
        wait_until(lambda: "is started again" in _log(tmp_path), lambda: _log(tmp_path))
        wait_until(lambda: is_up(f"http://127.0.0.1:{port}/healthz"), lambda: _log(tmp_path))

        os.kill(after_a_kill.pid, signal.SIGHUP)

        assert after_a_kill.wait(30) == 0, _log(tmp_path)
        wait_until(lambda: not _left(tmp_path), lambda: str(_left(tmp_path)))
    finally:
        signal.signal(signal.SIGHUP, before)
        for pid in _left(tmp_path):
            os.kill(pid, signal.SIGKILL)


def _serve_until_up(state: Path, port: int) -> subprocess.Popen[bytes]:
    """The portal with practice data, as `make run` starts it."""
    with (state / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=project.BASE_DIR,
            env={"PATH": os.environ["PATH"], "STATE_DIR": str(state), "LOG_LEVEL": "WARNING"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    announced = _log(state).count("Numberdesk is at")
    wait_until(lambda: _log(state).count("Numberdesk is at") > announced, lambda: _log(state))
    assert process.poll() is None
    assert is_up(f"http://127.0.0.1:{port}/healthz")
    return process


def _log(state: Path) -> str:
    return (state / "log").read_text(errors="replace")


def _web(state: Path) -> int:
    """The process that gunicorn has begun as, and that its others come from."""
    found = [pid for pid in _left(state) if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return min(found)


def _left(state: Path) -> list[int]:
    """The processes that work for the portal with this state."""
    mark, found = f"STATE_DIR={state}".encode(), []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environment.read_bytes():
                found.append(int(environment.parent.name))
        except OSError:
            continue  # it has ended
    return found
