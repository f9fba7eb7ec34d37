"""How long a page takes the processor, for the page and the database together, on PostgreSQL on this machine.

On the wall passes what others do on a shared machine. They also make the processor itself slower, by half and more
where two share a core. So a fixed piece of work is timed before and after each page: as much longer as it takes than
at its best, the page is taken to have been slowed down.
"""

import functools
import time
from pathlib import Path

from django.db import connection
from django.test import Client as Browser


def timed(browser: Browser, address: str) -> tuple[float, float]:
    """How long the page took the processor, and how long it had taken while nobody slowed it down."""
    before = _fixed_work()
    started = _processor_seconds()
    browser.get(address)
    took = _processor_seconds() - started
    slowed = (before + _fixed_work()) / 2 / _best_fixed_work()
    return took, took / max(slowed, 1)


@functools.cache
def _best_fixed_work() -> float:
    return min(_fixed_work() for _ in range(500))


def _fixed_work() -> float:
    started, counted = time.process_time(), dict.fromkeys(range(97), "")
    for number in range(20_000):
        counted[number % 97] = str(number)
    return time.process_time() - started


def _processor_seconds() -> float:
    """How long the processor has worked for us: in this process, and in the database's for our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        server = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return time.process_time() + int(server.read_text().split()[0]) / 1e9
