"""How long `make run` takes from an empty folder to the first page, and how much memory its processes have."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from django.conf import settings

from tests.servers import free_port

Row = dict[str, object]
MOST_SECONDS, PAGES = 120, 300


def run() -> list[Row]:
    """One row. Memory is what the processes have for themselves and their share of the rest, in megabytes."""
    with tempfile.TemporaryDirectory(prefix="numberdesk-start-") as folder:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        port, started = free_port(), time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env={**kept, "STATE_DIR": folder, "LOG_LEVEL": "ERROR", "PAGES_A_MINUTE": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        page = f"http://127.0.0.1:{port}/"
        try:
            while not _answers(page):
                if server.poll() is not None or time.perf_counter() - started > MOST_SECONDS:
                    raise RuntimeError(f"The portal did not answer within {MOST_SECONDS} seconds.")
                time.sleep(0.05)
            seconds = time.perf_counter() - started
            for _ in range(PAGES):
                _answers(page)
            return [
                {
                    "what": "make run, from an empty folder to its first page",
                    "seconds": round(seconds, 1),
                    "processes": len(_tree(server.pid)),
                    f"megabytes_after_{PAGES}_pages": round(sum(map(_megabytes, _tree(server.pid)))),
                }
            ]
        finally:
            server.terminate()
            server.wait(30)


def _answers(page: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(page, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("Pss:"))
