"""How fast the numbers list and its CSV file are, and whether they stay so as the book grows.

Called by `tests.bench` as `run(sizes)` with Django set up and an empty, migrated database as the default connection
(any that Django names in DATABASE_URL). Every page is asked for through Django's test client, so the time holds
middleware, queries and templates. The book grows from size to size; nothing is cleaned up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import User, Waba
from phones.listing.selection import NumberList
from phones.models import PhoneNumber
from portal.web.keyset import Cursor
from tests.bench.book import fill
from tests.fresh_sign_in import browser_of

Row = dict[str, object]

_REPEATS = 5
_LIST = "/phones/"
_PAGES = {
    "unfiltered": "",
    "status=CONNECTED (most)": "status=CONNECTED",
    "status=BANNED (few)": "status=BANNED",
    "status=- (not returned)": "status=-",
    "quality_rating, two values": "quality_rating=YELLOW&quality_rating=RED",
    "four filters at once": "status=CONNECTED&quality_rating=RED&account_mode=SANDBOX&name_status=APPROVED",
    "owner": "owner=manager3",
    "queue=not-registered": "queue=not-registered",
    "queue=missing": "queue=missing",
    "queue=unassigned": "queue=unassigned",
    "search: last digits": "q=99990",
    "search: +34 6": "q=%2B34+6",
    "search: two digits": "q=34",
    "search: name": "q=bakery",
    "search: nothing found": "q=zz",
    "search and filter": "q=bakery&quality_rating=RED",
    "sort=verified_name": "sort=verified_name",
    "sort=status": "sort=status",
    "sort=client": "sort=client",
    "sort=-synced_at, filtered": "sort=-synced_at&status=CONNECTED",
}
_DEEP = {
    "three quarters in": "",
    "three quarters in, by status": "sort=status",
    "three quarters in, filtered": "status=CONNECTED",
}


def run(sizes: Sequence[int] = (10_000, 200_000)) -> list[Row]:
    """A row for each page at each size, smallest first."""
    rows: list[Row] = []
    already = 0
    for size in sorted(sizes):
        manager = fill(size, already)[3]
        already = size
        chief, _ = User.objects.get_or_create(username="chief", defaults={"is_superuser": True})
        rows += _measure_all(size, chief, manager)
    return rows


def _measure_all(size: int, chief: User, manager: User) -> Iterator[Row]:
    everything, book = _browser(chief), _browser(manager)
    waba = Waba.objects.order_by("pk").values_list("waba_id", "client")[0]
    pages = {**_PAGES, "client": f"client={waba[1]}", "waba": f"waba={waba[0]}"}
    for what, query in pages.items():
        yield _page(size, what, everything, query)
    for what, query in _DEEP.items():
        yield _page(size, what, everything, f"{query}&page={token_at(size * 3 // 4, query, chief)}")
    yield _page(size, "one manager\u2019s book", book, "")
    yield _page(size, "one manager\u2019s book, search", book, "q=bakery")
    yield _file(size, "CSV", everything, "")
    yield _file(size, "CSV, search and sort", everything, "q=bakery&sort=client")


def _browser(person: User) -> Browser:
    return browser_of(person, SERVER_NAME="127.0.0.1")


def token_at(row: int, query: str, person: User) -> str:
    """The address of the page behind the `row`th number, as following "next" from page to page would end up at."""
    order = NumberList(QueryDict(query), person).order
    by = [f"-{order.path}", "-pk"] if order.descending else [order.path, "pk"]
    present = PhoneNumber.objects.filter(order.present).order_by(*by)
    value, key = present.values_list(order.path, "pk")[row : row + 1][0]
    return Cursor(order.position(value, key)).token(order)


def _page(size: int, what: str, browser: Browser, query: str) -> Row:
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            response = browser.get(f"{_LIST}?{query}")
        times.append(time.perf_counter() - started)
        assert response.status_code == 200, response.status_code
    # The best of several: on a shared machine everything else is somebody else's work.
    return _row(what, size, milliseconds=min(times) * 1000, queries=len(queries))


def _file(size: int, what: str, browser: Browser, query: str) -> Row:
    started = time.perf_counter()
    response = browser.get(f"{_LIST}export.csv?{query}")
    # Counted and dropped piece by piece, as a browser takes them.
    lines = sum(piece.count(b"\n") for piece in response)
    seconds = time.perf_counter() - started
    return _row(what, size, milliseconds=seconds * 1000, rows_per_second=lines / seconds)


def _row(what: str, size: int, *, milliseconds: float, queries: int = 0, rows_per_second: float = 0) -> Row:
    return {
        "what": what,
        "numbers": size,
        "milliseconds": round(milliseconds, 1),
        "queries": queries or "",
        "rows_per_second": round(rows_per_second) if rows_per_second else "",
    }
