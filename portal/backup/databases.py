"""Copying a whole database to a file while others write to it, and back: SQLite's own backup, pg_dump, pg_restore."""

import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from portal.backup.manifest import BackupError

_SECONDS = 3600
_VARIABLES = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
_TLS_VARIABLES = {"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey"}
_COUNT = "SELECT COUNT(*) FROM "


def dump(folder: Path, tables: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Write the database into `folder` as it is at one moment; the name of the file, and the rows of `tables` in it."""
    return (_dump_sqlite if connection.vendor == "sqlite" else _dump_postgresql)(folder, tables)


def rows(tables: Sequence[str]) -> dict[str, int]:
    """How many rows these tables of the database have now."""
    with connection.cursor() as cursor:
        return {table: cursor.execute(_COUNT + table).fetchone()[0] for table in tables}


def load(path: Path) -> None:
    """Put what `path` holds into the database, in place of everything that is there; all of it or nothing."""
    if connection.vendor == "sqlite":
        _load_sqlite(path)
    else:
        _load_postgresql(path)


def is_empty() -> bool:
    return not connection.introspection.table_names()


def _dump_sqlite(folder: Path, tables: Sequence[str]) -> tuple[str, dict[str, int]]:
    name = "db.sqlite3"
    with closing(sqlite3.connect(_sqlite_file(), timeout=20)) as live, closing(sqlite3.connect(folder / name)) as copy:
        live.backup(copy)  # in one step: readers and writers go on beside it in WAL mode
        copy.execute("PRAGMA journal_mode=DELETE")
        _check(copy, folder / name)
        return name, {table: copy.execute(_COUNT + table).fetchone()[0] for table in tables}


def _load_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as kept:
        _check(kept, path)
        with closing(sqlite3.connect(_sqlite_file(), timeout=20)) as live:
            kept.backup(live)
            live.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _check(database: sqlite3.Connection, path: Path) -> None:
    (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise BackupError(f"SQLite finds {path} damaged: {found}")


def _sqlite_file() -> str:
    return str(connection.settings_dict["NAME"])


def _dump_postgresql(folder: Path, tables: Sequence[str]) -> tuple[str, dict[str, int]]:
    name = "db.dump"
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        snapshot = cursor.execute("SELECT pg_export_snapshot()").fetchone()[0]
        _run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={folder / name}",
        )
        return name, rows(tables)


def _load_postgresql(path: Path) -> None:
    # Checked before anything is dropped.
    _run("pg_restore", "--list", str(path), quiet=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        quoted = connection.ops.quote_name(schema)
        cursor.execute(f"DROP SCHEMA {quoted} CASCADE")
        cursor.execute(f"CREATE SCHEMA {quoted}")
    connection.close()
    _run(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={_environment()['PGDATABASE']}",
        str(path),
    )


def _run(program: str, *arguments: str, quiet: bool = False) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not installed here. (Debian: apt-get install postgresql-client)")
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, with arguments of ours
        [path, *arguments],
        env=_environment(),
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[:1000]}")


def _environment() -> dict[str, str]:
    """How PostgreSQL's programs reach the database: the password stands in no command line."""
    known: dict[str, Any] = connection.settings_dict
    limits = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
    found = {name: known.get(setting) for name, setting in _VARIABLES.items()}
    found |= {name: known.get("OPTIONS", {}).get(option) for name, option in _TLS_VARIABLES.items()}
    return {"PGOPTIONS": limits, **{name: str(value) for name, value in found.items() if value}}
