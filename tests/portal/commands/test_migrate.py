"""Upgrading beside a running desk: a migration waits in short turns, says for whom, and leaves nothing half done."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as DjangosCommand
from django.db import connection, connections, transaction

from portal.management.commands import migrate

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, and no lock of a table"),
    pytest.mark.django_db(transaction=True),
]


@contextmanager
def somebody_reads_the_sessions(over: threading.Event) -> Iterator[None]:
    """A transaction of somebody else's that has read the table of sessions and was forgotten."""
    reads = threading.Event()

    def read() -> None:
        with transaction.atomic():
            Session.objects.count()
            reads.set()
            over.wait(60)
        connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    assert reads.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def another_migrate() -> Iterator[None]:
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [migrate.ONE_AT_A_TIME])
    try:
        yield
    finally:
        # PostgreSQL lets go a little after a connection was closed.
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [migrate.ONE_AT_A_TIME])
        other.close()


@pytest.fixture
def sessions_come_back() -> Iterator[None]:
    yield
    call_command("migrate", "sessions", verbosity=0)


def limits() -> list[str]:
    with connection.cursor() as cursor:
        found = []
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {name}")
            found.append(cursor.fetchone()[0])
    return found


@pytest.mark.usefixtures("sessions_come_back")
def test_a_migration_steps_back_from_a_table_in_use_and_goes_on_when_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over, said = threading.Event(), io.StringIO()
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 0.05)
    with somebody_reads_the_sessions(over):
        monkeypatch.setattr(migrate, "pause", lambda _: over.set())
        call_command("migrate", "sessions", "zero", verbosity=0, stderr=said)

    assert "Others use a table that this migration changes." in said.getvalue()
    assert "django_session" not in connection.introspection.table_names()


def test_a_migration_that_gives_up_says_who_is_in_the_way_and_has_changed_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = limits()
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 1.1)
    with somebody_reads_the_sessions(threading.Event()), pytest.raises(CommandError) as error:
        call_command("migrate", "sessions", "zero", verbosity=0, patience=0)

    assert "Open transactions: " in str(error.value)
    assert "idle in transaction" in str(error.value)
    assert "django_session" in connection.introspection.table_names()
    assert limits() == usual


def test_one_migrates_at_a_time() -> None:
    with another_migrate(), pytest.raises(CommandError, match="Another `migrate` is under way"):
        call_command("migrate", "sessions", verbosity=0, patience=0)
    call_command("migrate", "sessions", verbosity=0, patience=0)


@pytest.mark.usefixtures("sessions_come_back")
def test_a_migration_waits_briefly_for_locks_and_as_long_as_it_takes_for_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual, seen = limits(), list[Any]()
    shown = DjangosCommand.migration_progress_callback

    def note(self: Any, action: str, *args: Any) -> None:
        seen.append((action, limits()))
        shown(self, action, *args)

    monkeypatch.setattr(DjangosCommand, "migration_progress_callback", note)
    call_command("migrate", "sessions", "zero", verbosity=0)

    assert ("unapply_start", ["2s", "0", "0"]) in seen
    assert limits() == usual != ["2s", "0", "0"]
