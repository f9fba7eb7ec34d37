"""Web, worker and scheduler as processes of their own, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as project

from portal.sandbox.controls.launch import Options, Serving, serving
from tests import servers
from tests.phones.events.sending import change, delivery, entry, signature

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(servers.postgres_binaries() is None, reason="PostgreSQL is not installed here"),
    pytest.mark.skipif(servers.redis_binary() is None, reason="Redis is not installed here"),
]
LEASE_SECONDS = 4

_databases = count(1)


class Installation:
    """A production-like installation: its environment, and ways to start its parts and to look into it."""

    def __init__(self, environment: dict[str, str], log: Path, graph: Serving) -> None:
        self.environment = {**environment, "PATH": os.environ["PATH"]}
        self.graph = graph
        self._log = log

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=project.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, question: str) -> object:
        """The one value that a statement of SQL gives."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            row = connection.execute(question.encode()).fetchone()
            return row[0] if row else None

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A part of the installation, in a process group of its own."""
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=project.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_worker(self) -> subprocess.Popen[bytes]:
        quick = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-O", "fair"]
        return self.start("celery", "-A", "portal", "worker", *quick)

    def calls(self) -> int:
        """How many readings of numbers the practice server has seen."""
        with urllib.request.urlopen(f"{self.graph.url}/_practice/log", timeout=5) as answer:
            return sum("phone_numbers" in call["path"] for call in json.load(answer)["requests"])

    def log(self) -> str:
        return self._log.read_text(errors="replace")


@contextlib.contextmanager
def stopped_afterwards(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes:
            kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 the process and all its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def wait_until(true: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
    give_up_at = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up_at, what()
        time.sleep(0.25)  # other processes are at work; there is no event to wait for


@pytest.fixture(scope="module")
def migrated() -> Iterator[str]:
    """A PostgreSQL whose database is migrated and empty; its address."""
    with servers.postgres() as address:
        servers.migrate(address)
        yield address


@pytest.fixture
def database(migrated: str) -> str:
    """The address of a database of its own for one test."""
    server, _, template = migrated.rpartition("/")
    name = f"desk{next(_databases)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return f"{server}/{name}"


@pytest.fixture
def installation(tmp_path: Path, database: str) -> Iterator[Installation]:
    practice = Options(port=0, still=True, wabas=4, numbers=12, healthy=True)
    with servers.redis() as broker, serving(practice) as graph:
        environment = {
            **graph.credentials.environment(graph.url),
            "STATE_DIR": str(tmp_path),
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "SYNC_TICK_SECONDS": "1",
            "SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        yield Installation(environment, tmp_path / "log", graph)


def test_a_due_waba_is_read_and_read_again_after_the_worker_was_killed(installation: Installation) -> None:
    beat = installation.start(
        "celery", "-A", "portal", "beat", "-s", str(installation.environment["STATE_DIR"]) + "/beat"
    )
    worker = installation.start_worker()
    with stopped_afterwards(beat, worker):
        wait_until(lambda: installation.calls() >= 4, 60, installation.log)
        wait_until(lambda: installation.ask("SELECT count(*) FROM phones_phonenumber") == 12, 30, installation.log)

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
        wait_until(lambda: installation.calls() > before, 30, installation.log)
        kill_group(worker)
        second = installation.start_worker()
        with stopped_afterwards(second):
            wait_until(lambda: installation.calls() > before + 1, LEASE_SECONDS + 60, installation.log)
            read = "SELECT count(*) FROM clients_waba WHERE lease_token IS NULL AND next_sync_at > '2026-02-01'"
            wait_until(lambda: installation.ask(read) == 4, 30, installation.log)
        assert installation.ask("SELECT count(*) FROM phones_phonenumber WHERE missing_since IS NULL") == 12
        assert "Traceback" not in installation.log()
        assert installation.graph.credentials.system_user_token not in installation.log()


def test_the_web_process_is_ready_when_database_broker_and_ticks_are(installation: Installation) -> None:
    port = servers.free_port()
    installation.environment["BIND"] = f"127.0.0.1:{port}"
    web = installation.start("gunicorn", "-c", "portal/gunicorn.py")

    def status(path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    with stopped_afterwards(web):
        wait_until(lambda: status("/healthz") == 200, 60, installation.log)
        assert status("/readyz") == 503, "no tick has come yet"
        worker = installation.start_worker()
        beat = installation.start(
            "celery", "-A", "portal", "beat", "-s", str(installation.environment["STATE_DIR"]) + "/b"
        )
        with stopped_afterwards(worker, beat):
            wait_until(lambda: status("/readyz") == 200, 60, installation.log)


def test_events_wait_for_a_worker_that_is_down_and_are_applied_once_it_is_back(installation: Installation) -> None:
    address = f"127.0.0.1:{servers.free_port()}"
    installation.environment |= {"BIND": address, "PUBLIC_URL": f"http://{address}", "LOG_LEVEL": "WARNING"}
    installation.manage("sync")
    waba_id = str(installation.ask("SELECT waba_id FROM clients_waba ORDER BY id"))
    web = installation.start("gunicorn", "-c", "portal/gunicorn.py")
    with stopped_afterwards(web):
        wait_until(lambda: is_up(f"http://{address}/healthz"), 60, installation.log)
        for number in range(3):
            changes = [change("account_settings_update", {"n": n, "of": number}) for n in range(200)]
            deliver(f"http://{address}/webhooks/meta/", delivery(entry(waba_id, *changes)), installation)
        assert installation.ask("SELECT count(*) FROM phones_event WHERE state = 'waiting'") == 600

        beat = installation.start(
            "celery", "-A", "portal", "beat", "-s", str(installation.environment["STATE_DIR"]) + "/beat"
        )
        with stopped_afterwards(beat, installation.start_worker()):
            done = "SELECT count(*) FROM phones_event WHERE state = 'done'"
            wait_until(lambda: installation.ask(done) == 600, 60, installation.log)


def is_up(address: str) -> bool:
    with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):
        return True
    return False


def deliver(address: str, body: bytes, installation: Installation) -> None:
    """Post a signed delivery, as Meta does."""
    signed = {"X-Hub-Signature-256": signature(body, installation.graph.credentials.app_secret)}
    request = urllib.request.Request(address, body, signed, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
