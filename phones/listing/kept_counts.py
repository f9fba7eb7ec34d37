"""How many numbers are of each kind, by client: kept by the database in the transaction that changes a number.

Triggers add a row for what became more or less, so that no code path can forget it and writers never wait for each
other; `fold` sums such rows up from time to time. A kind is where numbers stand ("us/ready": whose move, and the
stage), or one of KINDS. What follows the clock is of no kind: it is counted when it is asked for.

The triggers and the kinds are in `count_triggers`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum, Value

from clients import roles
from clients.models import Client
from phones.listing.count_triggers import KINDS, counting
from phones.models import NumberCount, PhoneNumber
from phones.querysets import further_of
from portal.web.keys import OneOf

_COUNTS = NumberCount._meta.db_table
# ruff: noqa: S608 - the names are those of our own tables
# Who folds or rebuilds holds this lock of PostgreSQL's: between the two a count could be taken twice.
_LOCK = 0x6E756D62
_PIECE = 5_000
_MOST_PIECES = 20
_BATCH = 1_000
UNASSIGNED = "unassigned"


# --- What is kept -----------------------------------------------------------------------------------------------------


class Kept(Counter[str]):
    """How many numbers there are of each kind."""

    @property
    def all(self) -> int:
        return sum(count for _, _, count in self.stands())

    def stands(self) -> list[tuple[str, str, int]]:
        """Every number once: whose move it is, its stage, and how many there are."""
        places = [(*kind.partition("/"), count) for kind, count in self.items() if count]
        return [(move, stage, count) for move, slash, stage, count in places if slash]

    def with_move(self, wanted: str) -> int:
        return sum(count for move, _, count in self.stands() if move == wanted)


def of_all() -> Kept:
    """Of all numbers together, and under UNASSIGNED how many of them are nobody's. One statement."""
    nobodys = NumberCount.objects.filter(client__in=Client.objects.unassigned().order_by().values("pk"))
    summed = nobodys.filter(kind__contains="/").order_by().values_list(Value(UNASSIGNED)).annotate(Sum("numbers"))
    everything = NumberCount.objects.filter(Q(client=None) | Q(is_folded=False)).order_by()
    found = Kept(dict(everything.values_list("kind").annotate(Sum("numbers")).union(summed, all=True)))
    found[UNASSIGNED] = found[UNASSIGNED] or 0
    return found


def of_clients(clients: QuerySet[Client], *, further: bool = True) -> Kept:
    """Of the numbers that WABAs of these clients list. One statement, and one more unless `further` is off.

    These few are counted as they are: numbers of others that a WABA of these clients lists too.
    """
    keys = clients.order_by().values("pk")
    found = _summed(NumberCount.objects.filter(client__in=keys))
    if further:
        found.update(_counted(PhoneNumber.objects.filter(pk__in=further_of(clients)).exclude(client__in=keys)))
    return found


def of_person(person: roles.Person) -> Kept:
    """Of the numbers that `person` may see."""
    if roles.sees_everything(person):
        return of_all()
    return of_clients(Client.objects.visible_to(person), further=roles.may_see_further(person))


Owner = tuple[str | None, str | None, str | None]


def by_owner(kinds: Iterable[str]) -> dict[Owner, Kept]:
    """Where the numbers of each account manager stand, and how many are of these `kinds`. One statement.

    They are named by user name, first and last name; all None: of the clients that have nobody.
    """
    found: dict[Owner, Kept] = {}
    names = tuple(f"client__owner__{name}" for name in ("username", "first_name", "last_name"))
    rows = NumberCount.objects.filter(Q(kind__contains="/") | Q(kind__in=list(kinds)), client__isnull=False)
    for *owner, kind, count in rows.order_by().values_list(*names, "kind").annotate(Sum("numbers")):
        found.setdefault(tuple(owner), Kept())[kind] += count
    return found


def _summed(rows: QuerySet[NumberCount]) -> Kept:
    return Kept(dict(rows.order_by().values_list("kind").annotate(Sum("numbers"))))


def _counted(numbers: QuerySet[PhoneNumber, Any]) -> Kept:
    found = Kept()
    counting = {f"kind_{place}": Count("pk", filter=each) for place, each in enumerate(KINDS.values())}
    for move, stage, count, *of_kinds in (
        numbers.order_by().values_list("move", "stage").annotate(counted=Count("pk"), **counting)
    ):
        found.update({f"{move}/{stage}": count, **dict(zip(KINDS, of_kinds, strict=True))})
    return found


# --- Folding, and whether it is true ----------------------------------------------------------------------------------


def fold() -> int:
    """Sum up what writers added, a piece of it at a time; gives how many rows. Who else folds is not waited for."""
    folded = 0
    for _ in range(_MOST_PIECES):
        piece = _fold_piece()
        folded += piece
        if piece < _PIECE:
            break
    return folded


@transaction.atomic
def _fold_piece() -> int:
    if not _is_mine(waits=False):
        return 0
    unfolded = NumberCount.objects.filter(is_folded=False).order_by("pk")
    new = list(unfolded.values_list("pk", "client", "kind", "numbers")[:_PIECE])
    if not new:
        return 0
    sums: Counter[tuple[int | None, str]] = Counter()
    for _, client, kind, numbers in new:
        sums[client, kind] += numbers
        sums[None, kind] += numbers
    of_these = OneOf({client for client, _ in sums if client is not None}, "client")
    old = NumberCount.objects.filter(Q(of_these) | Q(client=None), is_folded=True).order_by()
    gone = [pk for pk, *_ in new]
    for pk, client, kind, numbers in old.values_list("pk", "client", "kind", "numbers"):
        if (client, kind) in sums:
            sums[client, kind] += numbers
            gone.append(pk)
    NumberCount.objects.filter(OneOf(gone)).delete()
    NumberCount.objects.bulk_create(
        [
            NumberCount(client_id=client, kind=kind, numbers=numbers, is_folded=True)
            for (client, kind), numbers in sums.items()
            if numbers
        ],
        batch_size=_BATCH,
    )
    return len(new)


def rebuild(*_of_migration: Any) -> None:
    """Count everything anew. Others may write meanwhile: what they add holds from the moment of the count on.

    On PostgreSQL one statement deletes what is kept and counts, so that both are of one moment.
    """
    counts = (
        f"SELECT client_id, kind, numbers, TRUE FROM ({counting()}) AS counted"
        f" UNION ALL SELECT NULL, kind, SUM(numbers), TRUE FROM ({counting()}) AS counted GROUP BY kind"
    )
    insert = f"INSERT INTO {_COUNTS} (client_id, kind, numbers, is_folded) {counts}"
    with transaction.atomic(), connection.cursor() as cursor:
        _is_mine(waits=True)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"WITH former AS (DELETE FROM {_COUNTS}) {insert}")
        else:
            cursor.execute(f"DELETE FROM {_COUNTS}")
            cursor.execute(insert)


def differences() -> list[tuple[int | None, str, int, int]]:
    """Where what is kept differs from a count: client (None: all together), kind, kept, counted. One statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            f"""
            SELECT client_id, kind, SUM(kept), SUM(counted) FROM (
                SELECT client_id, kind, numbers AS kept, 0 AS counted FROM {_COUNTS}
                UNION ALL SELECT NULL, kind, numbers, 0 FROM {_COUNTS} WHERE NOT is_folded
                UNION ALL SELECT client_id, kind, 0, numbers FROM ({counting()}) AS of_clients
                UNION ALL SELECT NULL, kind, 0, numbers FROM ({counting()}) AS of_all
            ) AS both_ways GROUP BY client_id, kind HAVING SUM(kept) <> SUM(counted)
            """
        )
        return [(client, kind, int(kept), int(counted)) for client, kind, kept, counted in cursor.fetchall()]


def _is_mine(*, waits: bool) -> bool:
    """Whether nobody else folds or rebuilds until the transaction ends. SQLite's has one writer at a time anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
