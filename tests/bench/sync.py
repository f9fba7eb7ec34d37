"""How fast the sync engine reads a practice server, beside the official SDK's loop and bare requests in threads.

Everything runs in one go on one machine, so that the ratios hold on a noisy one. The practice server is a process of
its own, as in production. The others read alone: they compare, store and explain nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from facebook_business.adobjects.business import Business
from facebook_business.adobjects.whatsappbusinessaccount import WhatsAppBusinessAccount
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from clients import access
from clients.choices import RunScope, RunTrigger
from clients.credentials import environment_credential
from clients.models import SyncRun, Waba
from phones.sync import runs
from phones.sync.engine import Engine

Row = dict[str, object]
LOOP_WABAS, THREADS = 60, 48
FIELDS = [
    *("id", "display_phone_number", "verified_name", "code_verification_status", "quality_rating", "status"),
    *("name_status", "new_name_status", "platform_type", "throughput", "account_mode", "last_onboarded_time"),
]


def run(wabas: int = 1500) -> list[Row]:
    """A row for each way of reading the same book, at 0 and at 100 ms latency."""
    return [row for latency in (0, 100) for row in _at(latency, wabas)]


def _at(latency: int, wabas: int) -> Iterator[Row]:
    call_command("flush", interactive=False, verbosity=0)
    with _practice_server(latency, wabas):
        others = _others(latency, wabas)
        loop = float(str(others[0]["wabas_per_second"]))
        yield from others
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
        "times_the_sdk": round(done.read / seconds / loop, 1),
        "calls_per_waba": round(done.graph_calls / done.read, 3),
        "sql_per_waba": round(statements / done.read, 3),
        "cpu_ms_per_waba": round(1000 * cpu / done.read, 2),
    }


def _others(latency: int, wabas: int) -> list[Row]:
    """The SDK's loop over some WABAs, one after another, and bare requests for as many as there are, in threads."""
    token = settings.META_SYSTEM_USER_TOKEN
    of_sdk = FacebookSession(settings.META_APP_ID, settings.META_APP_SECRET, token)
    of_sdk.requests.trust_env = False
    of_sdk.GRAPH = settings.GRAPH_API_URL
    api = FacebookAdsApi(of_sdk)
    shared = Business(settings.META_BUSINESS_ID, api=api).get_client_whats_app_business_accounts(params={"limit": 100})
    ids = [waba["id"] for waba in itertools.islice(shared, wabas)]
    bare = requests.Session()
    bare.trust_env = False
    bare.headers["Authorization"] = f"Bearer {token}"
    bare.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    graph = f"{settings.GRAPH_API_URL}/{settings.GRAPH_API_VERSION}"
    asked: dict[str, str | int] = {"limit": 100, "fields": ",".join(FIELDS)}

    def by_sdk(some: Sequence[str]) -> None:
        for waba_id in some:
            list(WhatsAppBusinessAccount(waba_id, api=api).get_phone_numbers(params=asked))

    def read_bare(waba_id: str) -> list[object]:
        answer: list[object] = bare.get(f"{graph}/{waba_id}/phone_numbers", params=asked, timeout=30).json()["data"]
        return answer

    def by_threads(some: Sequence[str]) -> None:
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(read_bare, some))

    return [
        _other(f"official SDK, one after another, {latency} ms", by_sdk, ids[:LOOP_WABAS]),
        _other(f"bare requests in {THREADS} threads, {latency} ms", by_threads, ids),
    ]


def _other(name: str, read: Callable[[Sequence[str]], None], ids: Sequence[str]) -> Row:
    started, cpu = time.perf_counter(), time.process_time()
    read(ids)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {
        "what": name,
        "wabas": len(ids),
        "wabas_per_second": round(len(ids) / seconds, 1),
        "cpu_ms_per_waba": round(1000 * cpu / len(ids), 2),
    }


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
