"""How fast a delivery of Meta's is answered: at 50 posts a second while the worker applies them, and one of 3 MB.

The portal is a process of its own with everything embedded, as `make run` starts it; the sender is this process. Meta
wants half of its deliveries answered within 250 ms, and 99 of 100 within a second.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from portal.sandbox.world.credentials import credentials
from tests.browser.desk import Desk, running_desk

Row = dict[str, object]
POSTS_PER_SECOND = 50
THREADS = 16


def run(seconds: float = 20) -> list[Row]:
    """A row for the steady stream, and one for the largest delivery that Meta makes."""
    with running_desk() as desk, requests.Session() as session:
        session.trust_env = False
        wabas = [waba["id"] for waba in desk.practice("GET", "wabas")["wabas"]]
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=THREADS)
        session.mount("http://", adapter)
        for number in range(20):  # the first requests of a process are not what is measured
            _post(session, desk, [_update(wabas, -number)])
        return [_stream(session, desk, wabas, seconds), _largest(session, desk, wabas)]


def _stream(session: requests.Session, desk: Desk, wabas: list[str], seconds: float) -> Row:
    posts = int(POSTS_PER_SECOND * seconds)
    started = time.perf_counter()

    def one(number: int) -> float:
        time.sleep(max(0.0, started + number / POSTS_PER_SECOND - time.perf_counter()))
        return _post(session, desk, [_update(wabas, number)])

    with ThreadPoolExecutor(THREADS) as pool:
        times = sorted(pool.map(one, range(posts)))
    rate = posts / (time.perf_counter() - started)
    return {
        "what": f"one update a post, {rate:.0f} posts/s",
        "posts": posts,
        "p50_ms": round(statistics.median(times) * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99) - 1] * 1000, 1),
        "worst_ms": round(times[-1] * 1000, 1),
    }


def _largest(session: requests.Session, desk: Desk, wabas: list[str]) -> Row:
    filler = "x" * 2_800
    times = sorted(
        _post(session, desk, [_update(wabas, 10_000 * (round_ + 1) + number, filler) for number in range(1000)])
        for round_ in range(5)
    )
    return {
        "what": "1,000 updates in one 3 MB post",
        "posts": len(times),
        "p50_ms": round(statistics.median(times) * 1000, 1),
        "p99_ms": "",
        "worst_ms": round(times[-1] * 1000, 1),
    }


def _update(wabas: list[str], number: int, filler: str = "") -> dict[str, object]:
    value = {"decision": "APPROVED", "number": number, "filler": filler}
    change = {"field": "account_review_update", "value": value}
    return {"id": wabas[number % len(wabas)], "time": int(time.time()), "changes": [change]}


def _post(session: requests.Session, desk: Desk, entries: list[dict[str, object]]) -> float:
    """Seconds until the delivery was answered."""
    body = json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
    signature = hmac.new(credentials().app_secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
    started = time.perf_counter()
    answer = session.post(f"{desk.address}/webhooks/meta/", body, headers=headers, timeout=30)
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"The delivery was answered {answer.status_code}.")
    return seconds
