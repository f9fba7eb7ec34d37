"""An installation on one machine: SQLite, no Redis, worker and scheduler inside the web process, as in `make run`."""

from __future__ import annotations

import contextlib
import datetime
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

from portal.sandbox.controls.launch import Serving
from tests.drills.installed import environment_of
from tests.migrated import DATABASE, migrated
from tests.processes.installation import Installation


class OnSqlite(Installation):
    """Its database lies in `folder`, with every table unless `tables` says otherwise."""

    def __init__(self, folder: Path, log: Path, graph: Serving, *, tables: bool = True) -> None:
        super().__init__({**environment_of(graph, folder), "EMBEDDED_WORKER": "true"}, log, graph)
        self.state = Path(self.environment["STATE_DIR"])
        if tables:
            shutil.copytree(migrated(), self.state)

    def ask(self, question: str, *values: object) -> object:
        with self.connected() as connection:
            row = connection.execute(question.replace("%s", "?"), [_stored(value) for value in values]).fetchone()
            return row[0] if row else None

    def rows(self, question: str) -> list[dict[str, object]]:
        with self.connected() as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(question)]

    def tell(self, statement: str) -> None:
        with self.connected() as connection:
            connection.execute(statement)

    def start_all(self) -> list[subprocess.Popen[bytes]]:
        return [self.start_web()]

    @contextlib.contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of our own, each statement of which is a transaction."""
        connection = sqlite3.connect(self.state / DATABASE, timeout=30, isolation_level=None)
        with contextlib.closing(connection):
            yield connection


def _stored(value: object) -> object:
    """As Django stores it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(sep=" ")
    return value
