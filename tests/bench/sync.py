"""How fast the sync engine reads a practice server, beside a loop that reads one WABA after another.

Everything runs in one go on one machine, so that the ratios hold on a noisy one. The practice server is a process of
its own, as in production.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from clients import access
from clients.choices import RunScope, RunTrigger
from clients.credentials import environment_credential
from clients.models import SyncRun, Waba
from phones.sync import runs
from phones.sync.engine import Engine

Row = dict[str, object]
LOOP_WABAS = 60


def run(wabas: int = 1500) -> list[Row]:
    """A row for each way of reading the same book, at 0 and at 100 ms latency."""
    return [row for latency in (0, 100) for row in _at(latency, wabas)]


def _at(latency: int, wabas: int) -> Iterator[Row]:
    call_command("flush", interactive=False, verbosity=0)
    with _practice_server(latency, wabas):
        loop = _loop_per_second()
        together = settings.SYNC_WABAS_A_CALL
        for name, wabas_a_call in (
            ("first, one by one", 0),
            ("unchanged, one by one", 0),
            ("compared, together", together),
            ("unchanged, together", together),
        ):
            settings.SYNC_WABAS_A_CALL = wabas_a_call
            yield _measure(name, latency, loop)


def _measure(name: str, latency: int, loop: float) -> Row:
    environment_credential()
    opened = runs.open_run(
        scope=RunScope.EVERYTHING, trigger=RunTrigger.COMMAND, wabas=Waba.objects.all(), discover=True
    )
    statements = 0

    def count(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)  # type: ignore[operator] # Django's own callable

    started, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(count):
        Engine(run=opened).work(seconds=600)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    done = SyncRun.objects.get(pk=opened.pk)
    return {
        "what": f"sync, {name}, {latency} ms",
        "wabas": done.read,
        "numbers": done.numbers,
        "wabas_per_second": round(done.read / seconds, 1),
        "times_a_loop": round(done.read / seconds / loop, 1),
        "calls_per_waba": round(done.graph_calls / done.read, 3),
        "sql_per_waba": round(statements / done.read, 3),
        "cpu_ms_per_waba": round(1000 * cpu / done.read, 2),
    }


def _loop_per_second() -> float:
    """WABAs per second of the plainest reader there is: one kept connection, one WABA after another, nothing stored."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {settings.META_SYSTEM_USER_TOKEN}"
    base = f"{settings.GRAPH_API_URL}/{settings.GRAPH_API_VERSION}"
    edge = f"{base}/{settings.META_BUSINESS_ID}/client_whatsapp_business_accounts?limit=100"
    ids = [waba["id"] for waba in session.get(edge, timeout=10).json()["data"]][:LOOP_WABAS]
    started = time.perf_counter()
    for waba_id in ids:
        session.get(f"{base}/{waba_id}/phone_numbers?limit=100", timeout=10).json()
    return len(ids) / (time.perf_counter() - started)


@contextlib.contextmanager
def _practice_server(latency: int, wabas: int) -> Iterator[None]:
    command = [sys.executable, "-m", "portal.sandbox", "--port", "0", "--still", "--healthy", "--no-quota"]
    options = ["--wabas", str(wabas), "--latency", str(latency)]
    server = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            name, _, value = line.strip().partition("=")
            if hasattr(settings, name):
                setattr(settings, name, value)
            else:
                break
        access._client_of.cache_clear()
        yield
    finally:
        server.terminate()
        server.wait(10)
