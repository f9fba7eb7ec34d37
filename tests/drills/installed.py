"""What every drill does with an installation: has it read anew, posts Meta's events, counts what was lost."""

from __future__ import annotations

import datetime
import itertools
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import requests

from portal.sandbox.controls.launch import Options, Serving
from tests import servers
from tests.phones.events.sending import change, delivery, entry, signature
from tests.processes.installation import LEASE_SECONDS, MARKS, Installation, is_up, wait_until

DRILL = [pytest.mark.drills, *MARKS]
PRACTICE = Options(port=0, still=True, wabas=4, numbers=12, healthy=True)
TICK_SECONDS = 1
# The promise: two intervals (of the tick, which finds what is due) and two minutes after a fault all is read.
READ_WITHIN_SECONDS = 2 * TICK_SECONDS + 120
# Of one kind of fault: the web process, a worker's two and its parent, the scheduler, each once a minute.
PROCESSES = 5


def environment_of(graph: Serving, folder: Path) -> dict[str, str]:
    """The settings that all installations of drills share."""
    address = f"127.0.0.1:{servers.free_port()}"
    return {
        **graph.credentials.environment(graph.url),
        "STATE_DIR": str(folder / "state"),
        "BIND": address,
        "PUBLIC_URL": f"http://{address}",
        "LOG_LEVEL": "WARNING",
        "SYNC_TICK_SECONDS": str(TICK_SECONDS),
        "SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        "PAGES_A_MINUTE": "0",
        "WEB_CONCURRENCY": "1",
        "WORKER_CONCURRENCY": "2",
    }


def make_due(installation: Installation, *, ahead: datetime.timedelta = datetime.timedelta()) -> datetime.datetime:
    """Have every WABA due, by a clock that is so far `ahead`; from when on a reading of it counts.

    While neither a WABA nor the list of all is in anybody's hands: a reading under way would put them off again.
    """
    due = (
        "UPDATE clients_waba SET next_sync_at = %s"
        " WHERE NOT EXISTS (SELECT 1 FROM clients_waba WHERE lease_until > %s)"
        " AND NOT EXISTS (SELECT 1 FROM clients_credential WHERE lease_until > %s) RETURNING 1"
    )
    asked_at = []

    def is_done() -> bool:
        asked_at.append(now := datetime.datetime.now(datetime.UTC) + ahead)  # database and tests are on one machine
        return installation.ask(due, now - datetime.timedelta(minutes=1), now, now) == 1

    wait_until(is_done, installation.log)
    return asked_at[-1]


def wait_for_readings(installation: Installation, since: datetime.datetime) -> None:
    """Every WABA is read within what we promise after a fault is over, and none is left in somebody's hands."""
    over = time.monotonic()
    unread = "last_synced_at IS NULL OR last_synced_at < %s"
    left = f"SELECT count(*) = 0 FROM clients_waba WHERE {unread} OR lease_token IS NOT NULL"  # noqa: S608 - ours
    wait_for(installation, left, since)
    assert time.monotonic() - over < READ_WITHIN_SECONDS


def readings(installation: Installation) -> Counter[str]:
    """How often Meta was asked for the numbers of each WABA: for its first page."""
    calls = [call["path"] for call in installation.practice("GET", "log")["requests"]]
    return Counter(path.split("/")[-2] for path in calls if path.endswith("/phone_numbers"))


def wait_for_web(installation: Installation) -> None:
    wait_until(lambda: is_up(f"{installation.environment['PUBLIC_URL']}/healthz"), installation.log)


def readiness(installation: Installation) -> tuple[int, str]:
    """The status of /readyz, and what it says."""
    answer = requests.get(f"{installation.environment['PUBLIC_URL']}/readyz", timeout=30)
    return answer.status_code, answer.text


class Meta:
    """Delivers events as Meta does: what was not answered with 200 is kept, to be sent again."""

    def __init__(self, installation: Installation, *, changes: int = 1) -> None:
        self.installation, self._changes = installation, changes
        self.taken: list[str] = []
        self.refused: list[str] = []
        self._numbers = itertools.count()

    def send(self) -> int:
        """A new delivery; the status of the answer."""
        return self._deliver(f"drill_{next(self._numbers)}")

    def send_again(self) -> None:
        """All that was refused. Whatever is refused now, too, is kept once more."""
        again, self.refused = self.refused, []
        for field in again:
            self._deliver(field)

    def assert_nothing_was_lost(self) -> None:
        """What was answered with 200 is stored, each change of it once."""
        for field in self.taken:
            stored = self.installation.ask("SELECT count(*) FROM phones_event WHERE field = %s", field)
            assert stored == self._changes, field

    def _deliver(self, field: str) -> int:
        changes = [change(field, {"n": n, "filling": field * 40}) for n in range(self._changes)]
        body = delivery(entry("1", *changes))
        signed = {"X-Hub-Signature-256": signature(body, self.installation.graph.credentials.app_secret)}
        address = f"{self.installation.environment['PUBLIC_URL']}/webhooks/meta/"
        status = requests.post(address, body, headers=signed, timeout=30).status_code
        (self.taken if status == 200 else self.refused).append(field)
        return status


def assert_all_is_made_good(
    installation: Installation, meta: Meta, parts: Sequence[subprocess.Popen[bytes]], since: datetime.datetime
) -> None:
    """The fault is over: what Meta sends again is stored, each once, all due is read, and no process has ended."""
    wait_for_status(meta.send, 200, installation)
    meta.send_again()
    wait_for_readings(installation, since)
    wait_for_status(lambda: readiness(installation)[0], 200, installation)
    assert not meta.refused
    meta.assert_nothing_was_lost()
    assert [part.poll() for part in parts] == [None] * len(parts)


def assert_log_is_short(installation: Installation, began: float) -> None:
    """One line a minute of each fault, from each process, and no traceback."""
    log = installation.log()
    assert "Traceback" not in log, log
    minutes = (time.monotonic() - began) // 60
    kinds = Counter(re.sub(r"[0-9]+", "#", re.sub(r"^\S+ ", "", line)) for line in log.splitlines() if "Error" in line)
    often = {kind: count for kind, count in kinds.items() if count > PROCESSES * (2 + minutes)}
    assert not often, often


def wait_for(installation: Installation, question: str, *values: object) -> None:
    """Wait until this statement of SQL gives true, which SQLite calls 1."""
    wait_until(lambda: installation.ask(question, *values) == 1, lambda: f"{question}\n{installation.log()}")


def wait_for_status(ask: Callable[[], int], status: int, installation: Installation) -> None:
    wait_until(lambda: ask() == status, installation.log)
