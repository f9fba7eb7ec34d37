"""`migrate` beside a running desk: on PostgreSQL it waits in short turns, so that nobody waits behind it.

A change of a table waits until everybody who reads that table is done, and whoever comes meanwhile queues up behind the
change: one forgotten transaction would stop the desk for as long as the change waits. So each wait is short; then the
change steps back, lets the others through, and tries again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

from portal.database_errors import is_locked

LOCK_SECONDS = 2
PAUSE_SECONDS = 3
PATIENCE_SECONDS = 300
# An index of a large table takes minutes, and so may Python's work between two statements.
_NO_LIMIT = ("statement_timeout", "idle_in_transaction_session_timeout")
# Any number that nothing else on this database locks; one `migrate` at a time has it.
ONE_AT_A_TIME = 7_126_231_811
_OPEN_FOR_LONG = """
SELECT format('%s, process %s, for %s seconds, %s', coalesce(nullif(application_name, ''), usename), pid,
              extract(epoch FROM now() - xact_start)::integer, state)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < now() - interval '1 second'
ORDER BY xact_start LIMIT 5
"""


class Command(migrate.Command):
    help = f"{migrate.Command.help} On PostgreSQL, beside a running desk: waits in short turns, and says for whom."

    _connection: BaseDatabaseWrapper | None = None  # the one that is told how long to wait

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE_SECONDS,
            metavar="SECONDS",
            help="PostgreSQL: how long to try again while others use what a migration changes (default: %(default)s).",
        )

    def handle(self, *args: Any, patience: float, **options: Any) -> None:
        """Migrate; a migration that found its table in use is tried again. Raises CommandError when patience ends.

        What was applied stays applied, and a migration that was given up has changed nothing (one that is not atomic
        goes on where it stopped), so that the command can be run again.
        """
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        self._connection, give_up_at = connection, time.monotonic() + patience
        with _usual_limits_afterwards(connection), self._turn(connection, give_up_at):
            while True:
                try:
                    super().handle(*args, **options)
                except OperationalError as error:
                    if not is_locked(error):
                        raise
                    self._wait(connection, "Others use a table that this migration changes.", give_up_at)
                else:
                    return

    def migration_progress_callback(
        self,
        action: str,
        migration: Migration | None = None,
        fake: bool = False,  # noqa: FBT001, FBT002 # Django's own
    ) -> None:
        """Before each migration set how long it may wait; then print what Django prints.

        One that is not atomic makes its indexes while others read and write. Nobody waits behind it: it has no limit.
        """
        if self._connection is not None and migration is not None and action in ("apply_start", "unapply_start"):
            lock_timeout = f"{LOCK_SECONDS}s" if migration.atomic else "0"
            _run(self._connection, f"SET lock_timeout = '{lock_timeout}'", *(f"SET {name} = 0" for name in _NO_LIMIT))
        super().migration_progress_callback(action, migration, fake)

    @contextmanager
    def _turn(self, connection: BaseDatabaseWrapper, give_up_at: float) -> Iterator[None]:
        """Have this be the only `migrate` on the database: two at once would make the same tables."""
        while not _first_value(connection, "SELECT pg_try_advisory_lock(%s)", ONE_AT_A_TIME):
            self._wait(connection, "Another `migrate` is under way on this database.", give_up_at)
        try:
            yield
        finally:
            _first_value(connection, "SELECT pg_advisory_unlock(%s)", ONE_AT_A_TIME)

    def _wait(self, connection: BaseDatabaseWrapper, reason: str, give_up_at: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_OPEN_FOR_LONG)
            found = "; ".join(said for (said,) in cursor.fetchall())
        reason = f"{reason} Open transactions: {found or 'none for longer than a second'}."
        if time.monotonic() >= give_up_at:
            raise CommandError(
                f"{reason}\nNothing is half done. Wait until that transaction is over, or end it (`SELECT "
                "pg_terminate_backend(PROCESS)`), then run `migrate` again: it goes on where it stopped."
            )
        self.stderr.write(f"\n{reason} Trying again in {PAUSE_SECONDS} seconds.")
        pause(PAUSE_SECONDS)


def pause(seconds: float) -> None:
    """Wait, while those who waited behind the migration do their work."""
    time.sleep(seconds)


@contextmanager
def _usual_limits_afterwards(connection: BaseDatabaseWrapper) -> Iterator[None]:
    try:
        yield
    finally:
        _run(connection, *(f"RESET {name}" for name in ("lock_timeout", *_NO_LIMIT)))


def _run(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _first_value(connection: BaseDatabaseWrapper, statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        (value,) = cursor.fetchone()
    return value
