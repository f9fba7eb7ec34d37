"""How long the pages of a large business take, for a lead, a manager with a twentieth of it, and a viewer with as much.

Called by `tests.bench` as `run(sizes)` with Django set up and an empty, migrated PostgreSQL database on this machine.
Each page is asked for once before it is timed, as in a desk that is in use. What counts is the time of the processor
(`tests.bench.timing`); `as_measured` is without regard to how much others slowed it down.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client, Portfolio, SignupAttempt, SyncRun, User, Waba
from phones.models import Change, Listing, Onboarding, PhoneNumber, PreverifiedNumber
from portal import collecting
from tests.bench import business, files, rivals
from tests.bench.sql_rows import say
from tests.bench.timing import timed
from tests.fresh_sign_in import browser_of

Row = dict[str, object]
REPEATS = 5
_LARGE = {model._meta.db_table for model in (PhoneNumber, Listing, Change)}
# What a page may take, however many numbers there are.
MOST_MILLISECONDS, MOST_STATEMENTS = 150, 12
# And how much longer than with the fewest numbers.
MOST_RATIO = 1.5

# How the numbers list is asked, and every page.
NUMBERS_ASKED = [
    *("", "?status=CONNECTED", "?status=BANNED", "?status=-", "?quality_rating=YELLOW&quality_rating=RED"),
    *("?owner=manager3", "?owner=me", "?label=1", "?watched=yes", "?move=us", "?registered=unknown"),
    *("?queue=not-registered", "?queue=missing", "?queue=unassigned", "?queue=cant-send", "?queue=deadline"),
    *("?q=9999", "?q=99990", "?q=34", "?q=%2B34+6", "?q=bakery", "?q=harbor+bakery", "?q=zzzz"),
    *("?username=pending", "?username=none", "?profile=unknown", "?calling=on", "?is_official_business_account=yes"),
    *("?q=bakery&quality_rating=RED", "?sort=verified_name", "?sort=status", "?sort=client"),
    *("?sort=-synced_at&status=CONNECTED", "?per_page=200"),
]
_LISTS = {
    "phones:home": ["", "?book=mine"],
    "phones:list": NUMBERS_ASKED,
    "phones:client-choices": ["?client_name=bakery"],
    "phones:value-counts": ["", "?status=BANNED", "?q=bakery"],
    "phones:counts": [""],
    "phones:clients": ["", "?q=bakery", "?q=9999", "?owner=manager3", "?failing=yes", "?label=1"],
    "phones:wabas": ["", "?q=harbor", "?q=9999"],
    "phones:syncs": [""],
    "phones:changes": ["", "?days=30"],
    "phones:book-over-time": [""],
    "phones:find": ["?q=bakery", "?q=9999", "?q=99990123", "?q=harbor+bakery"],
    "signup:ledger": ["", "?state=failed"],
    "preverified:board": [""],
    **{f"phones:{name}": [""] for name in ("views", "mentions", "bulk-runs", "mail-settings")},
    **{f"phones:{name}": [""] for name in ("events", "handover", "labels", "callback", "channels", "tokens")},
}


def run(sizes: Sequence[int]) -> dict[str, list[Row]]:
    """Three tables: of pages, of the list beside its rivals, and of files.

    That of pages has a row for each page, person and size, the slowest first; `ratio` is to the same page of the
    smallest size. The clients and WABAs grow with the numbers. Each size has a database of its own, made like the one
    that is there.
    """
    tables: dict[str, list[Row]] = {"pages": [], "rivals": [], "files": []}
    empty = str(connection.settings_dict["NAME"])
    for numbers in sorted(sizes):
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE numbers_{numbers} TEMPLATE {connection.ops.quote_name(empty)}")
        for name, rows in _measured(empty, numbers).items():
            tables[name] += rows
    return {**tables, "pages": with_ratios(tables["pages"])}


def _measured(empty: str, numbers: int) -> dict[str, list[Row]]:
    connection.settings_dict["NAME"] = f"numbers_{numbers}"
    cache.clear()
    made = business.fill(numbers, clients=max(numbers // 40, 1), wabas=max(numbers // 20, 1))
    tables = {
        "pages": measure((made.lead, made.manager, made.viewer), numbers),
        "rivals": rivals.measure(made.lead, numbers),
        "files": list(files.measure(made.lead, numbers)),
    }
    connection.close()
    connection.settings_dict["NAME"] = empty
    return tables


def measure(people: Iterable[User], numbers: int) -> list[Row]:
    """A row for each page of each person."""
    return [row for person in people for row in _measure(person, numbers)]


def with_ratios(rows: list[Row]) -> list[Row]:
    """The slowest of `rows` first, each with how much longer it takes than the same page with the fewest numbers."""
    fewest = min((int(str(row["numbers"])) for row in rows), default=0)
    least = {row["what"]: float(str(row["milliseconds"])) for row in reversed(rows) if row["numbers"] == fewest}
    for row in rows:
        if row["numbers"] != fewest and (before := least.get(row["what"])):
            row["ratio"] = round(float(str(row["milliseconds"])) / before, 1)
    return sorted(rows, key=lambda row: float(str(row["milliseconds"])), reverse=True)


def over_the_limits(rows: list[Row]) -> list[Row]:
    """Those of `rows` that take longer than a page may, or more statements, grow, or read a large table whole."""

    def is_over(row: Row) -> bool:
        is_slow = float(str(row["milliseconds"])) > MOST_MILLISECONDS
        is_worse = float(str(row.get("ratio", 0))) > MOST_RATIO
        return is_slow or is_worse or int(str(row["statements"])) > MOST_STATEMENTS or bool(row["read_whole"])

    return [row for row in rows if is_over(row)]


def _measure(person: User, numbers: int) -> Iterator[Row]:
    browser = browser_of(person, SERVER_NAME="127.0.0.1")
    browser.raise_request_exception = False
    browser.get(reverse("phones:home"))
    collecting.spare_old_objects()  # as a web process does
    for name, address in pages_of(person):
        answer = browser.get(address)
        if answer.status_code in {403, 404}:
            continue  # this person has no such page
        if answer.status_code != 200:
            say(f"{person}: {name} answered {answer.status_code}")
            continue
        with CaptureQueriesContext(connection) as statements:
            browser.get(address)
        asked = [each["sql"] for each in statements.captured_queries]
        as_measured, quiet = zip(*(timed(browser, address) for _ in range(REPEATS)), strict=True)
        say(f"{person}: {name} {min(quiet) * 1000:.0f} ms, {len(asked)} statements")
        yield {
            "what": f"{person}: {name}",
            "numbers": numbers,
            "milliseconds": round(min(quiet) * 1000, 1),
            "as_measured": round(min(as_measured) * 1000, 1),
            "statements": len(asked),
            "read_whole": ", ".join(sorted(read_whole(asked))),
        }


def read_whole(statements: Iterable[str]) -> set[str]:
    """The large tables that PostgreSQL would read from their first row to their last for one of these statements.

    Under a limit it stops before, as it does for the first of very many rows.
    """
    found: set[str] = set()
    with connection.cursor() as cursor:
        for statement in statements:
            if statement.startswith(("SELECT", "(SELECT")):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
                ((answer,),) = cursor.fetchall()
                found |= _read_whole((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    return found


def _read_whole(node: dict[str, Any]) -> set[str]:
    if node["Node Type"] == "Limit":
        return set()
    here = {node["Relation Name"]} & _LARGE if node["Node Type"] == "Seq Scan" else set()
    return here.union(*(_read_whole(each) for each in node.get("Plans", ())))


def pages_of(person: User) -> Iterator[tuple[str, str]]:
    """A name and an address for each page of the desk, and for each way to ask a list."""
    for name, queries in _LISTS.items():
        yield from ((f"{name}{query}", reverse(name) + query) for query in queries)
    number = _first(PhoneNumber.objects.on(Waba.objects.visible_to(person)).filter(actions__isnull=False))
    waiting = _first(PhoneNumber.objects.on(Waba.objects.visible_to(person)).filter(stage="ready"))
    client, waba = _first(Client.objects.visible_to(person)), _first(Waba.objects.visible_to(person))
    for name, row, key in [
        ("phones:number", number, "phone_number_id"),
        ("phones:number", waiting, "phone_number_id"),
        ("phones:as-of", number, "phone_number_id"),
        ("phones:waba", waba, "waba_id"),
        ("phones:client", client, "pk"),
        ("phones:portfolio", _first(Portfolio.objects.visible_to(person)), "business_id"),
        ("phones:sync", _first(SyncRun.objects.visible_to(person)), "pk"),
        ("signup:attempt", _first(SignupAttempt.objects.visible_to(person)), "pk"),
        ("signup:onboarding", _first(Onboarding.objects.visible_to(person)), "pk"),
        ("preverified:number", _first(PreverifiedNumber.objects.visible_to(person)), "preverified_id"),
    ]:
        if row is not None:
            yield name, reverse(name, args=[getattr(row, key)])
    if waiting is not None:
        yield "phones:confirm", reverse("phones:confirm", args=[waiting.phone_number_id, "register"])
        yield "from the list", reverse("phones:number", args=[waiting.phone_number_id]) + "?from=/phones/%3Fq%3Dbakery"
    if client is not None and waba is not None:
        yield "list of a client", f"{reverse('phones:list')}?client={client.pk}"
        yield "list of a WABA", f"{reverse('phones:list')}?waba={waba.waba_id}"
        yield "changes of a client", f"{reverse('phones:changes')}?client={client.pk}"


def _first(rows: QuerySet[Any, Any]) -> Any:
    return rows.order_by("pk").first()
