"""How fast all numbers come as one file, and how much memory the process grows by meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from django.urls import reverse

from clients.models import User
from tests.bench.sql_rows import say
from tests.fresh_sign_in import browser_of

Row = dict[str, object]


def measure(lead: User, numbers: int) -> Iterator[Row]:
    """A row for each kind of file. Pieces are dropped as they come, as a browser takes them."""
    for name, route in (("CSV", "phones:export"), ("Excel", "phones:export-excel")):
        browser = browser_of(lead, SERVER_NAME="127.0.0.1")
        b"".join(browser.get(f"{reverse(route)}?q=nobody"))  # what the first file of a process loads
        before = _forget_the_highest()
        started, wall = time.process_time(), time.perf_counter()
        answer = browser.get(reverse(route))
        assert answer.status_code == 200, answer.status_code
        sent = sum(len(piece) for piece in answer)
        seconds = time.perf_counter() - wall
        say(f"{name} of {numbers:,} numbers in {seconds:.0f} s")
        yield {
            "what": f"{name} of all numbers",
            "numbers": numbers,
            "megabytes": round(sent / 1e6, 1),
            "seconds": round(seconds, 1),
            "rows_per_second": round(numbers / seconds),
            "cpu_seconds": round(time.process_time() - started, 1),
            "memory_grew_by_megabytes": round(_memory("VmHWM") - before, 1),
        }


def _forget_the_highest() -> float:
    """Have the highest memory of this process counted anew; it now, in megabytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith(name))
