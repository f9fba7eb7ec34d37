"""An installation as it runs in production: web, worker and scheduler as processes of their own."""

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
from pathlib import Path
from typing import Any

import psycopg
import pytest

from portal.sandbox.controls.launch import Options, Serving, serving
from tests import servers
from tests.migrated import ROOT

LEASE_SECONDS = 4
PATIENCE_SECONDS = 150
MARKS = [
    pytest.mark.processes,
    pytest.mark.timeout(500),
    pytest.mark.skipif(servers.postgres_binaries() is None, reason="PostgreSQL is not installed here"),
    pytest.mark.skipif(servers.redis_binary() is None, reason="Redis is not installed here"),
]


class Installation:
    """A production-like installation: its environment, and ways to start its parts and to look into it."""

    def __init__(self, environment: dict[str, str], log: Path, graph: Serving) -> None:
        self.environment = {**environment, "PATH": os.environ["PATH"]}
        self.graph = graph
        # Whose code runs; with another one's, the Python beside it has the packages.
        self.code, self.python = ROOT, Path(sys.executable)
        self._log = log
        self._asking: psycopg.Connection | None = None

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.python, "manage.py", *arguments],
            cwd=self.code,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, question: str, *values: object) -> object:
        """The one value that a statement of SQL gives; `values` for its placeholders."""
        row = self._execute(question, values or None).fetchone()
        return row[0] if row else None

    def rows(self, question: str) -> list[dict[str, object]]:
        """All that a statement of SQL gives."""
        found = self._execute(question)
        names = [column.name for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found]

    def tell(self, statement: str) -> None:
        """Have a statement of SQL done that gives nothing."""
        self._execute(statement)

    def _execute(self, statement: str, values: tuple[object, ...] | None = None) -> psycopg.Cursor:
        try:
            return self._database().execute(statement.encode(), values)
        except psycopg.OperationalError:
            if self._asking is None or not self._asking.closed:
                raise
            self._asking = None  # a drill restarted the database, or ended its connections
            return self._database().execute(statement.encode(), values)

    def _database(self) -> psycopg.Connection:
        """One connection for all questions: PostgreSQL would make a process for each."""
        if self._asking is None:
            self._asking = psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)
        return self._asking

    def forget(self) -> None:
        """Ask the database nothing more."""
        if self._asking is not None:
            self._asking.close()

    def start(self, part: str) -> subprocess.Popen[bytes]:
        """A part of the installation as docs/operations.md starts it, by how its line begins; a process group."""
        program, *arguments = documented(part, self.code)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self.python.parent / program, *arguments],
                cwd=self.code,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> subprocess.Popen[bytes]:
        return self.start("gunicorn")

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("celery -A portal worker")

    def start_beat(self) -> subprocess.Popen[bytes]:
        return self.start("celery -A portal beat")

    def calls(self) -> int:
        """How many readings of numbers the practice server has seen."""
        return sum("phone_numbers" in call["path"] for call in self.practice("GET", "log")["requests"])

    def practice(self, method: str, path: str, body: object = None) -> Any:
        """Call one of the practice server's controls."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.graph.url}/_practice/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def start_all(self) -> list[subprocess.Popen[bytes]]:
        """Web, worker and scheduler, as docs/operations.md starts them."""
        return [self.start_web(), self.start_worker(), self.start_beat()]

    def log(self) -> str:
        return self._log.read_text(errors="replace")


@contextlib.contextmanager
def installed(folder: Path, database: str) -> Iterator[Installation]:
    """An installation on this database, with a practice Meta and a Redis of its own; none of its parts is started."""
    practice = Options(port=0, still=True, wabas=4, numbers=12, healthy=True)
    with servers.redis() as broker, serving(practice) as graph:
        environment = {
            **graph.credentials.environment(graph.url),
            "STATE_DIR": str(folder / "made" / "by itself"),
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "SYNC_TICK_SECONDS": "1",
            "PAGES_A_MINUTE": "0",
            "SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        made = Installation(environment, folder / "log", graph)
        try:
            yield made
        finally:
            made.forget()


def documented(part: str, code: Path = ROOT) -> list[str]:
    """The words of the line in docs/operations.md, In production, that begins with `part`."""
    text = (code / "docs" / "operations.md").read_text().partition("## In production")[2]
    commands = text.split("```")[1].strip().splitlines()
    (line,) = (line for line in commands if line.startswith(part))
    return line.split()


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


def wait_until(true: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait for what other processes do, on a machine that may be busy; `what` says why it did not come."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up_at, what()
        time.sleep(0.25)  # other processes are at work; there is no event to wait for


def is_up(address: str) -> bool:
    with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2):
        return True
    return False
