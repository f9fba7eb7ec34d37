"""Several connections to one database at the same time, for tests of what they do to each other (PostgreSQL)."""

import threading
from collections.abc import Callable

from django.db import connection, connections


def at_the_same_time(*tasks: Callable[[], None]) -> None:
    """Run each task in a thread with a connection of its own; raises what the first that failed raised."""
    errors: list[BaseException] = []
    threads = [started(task, errors) for task in tasks]
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def waits_for_a_lock() -> bool:
    """Whether some connection waits for a row that another one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def started(task: Callable[[], None], errors: list[BaseException]) -> threading.Thread:
    """A thread that does it with a connection of its own, and puts what it raises into `errors`."""

    def run() -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - the test tells it
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
