"""How many numbers are of each kind, by client: kept by the database in the transaction that changes a number.

Triggers add a row for what became more or less, so that no code path can forget it and writers never wait for each
other; `fold` sums such rows up from time to time. A kind is where numbers stand ("us/ready": whose move, and the
stage), or one of KINDS. What follows the clock is of no kind: it is counted when it is asked for.

The triggers are made of the conditions of KINDS. Where these have changed, a migration installs them anew: it ends with
`RunPython(kept_counts.installs(DIGEST), kept_counts.remove)` and `RunPython(kept_counts.rebuild)`, and a test fails
until it does. The same goes for a migration that rebuilds the table of numbers, as SQLite drops its triggers then.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum

from clients import roles
from clients.models import Client
from phones.listing.queues import QUEUES, URGENT
from phones.models import NumberCount, PhoneNumber
from phones.numbers import conditions
from phones.numbers.lifecycle import Move, Stage
from phones.querysets import further_of
from portal.web.keys import OneOf

# In an urgent queue that does not follow the clock.
URGENT_ANYWAY = "urgent"
# Nobody's move, and of a quality that is worth a look all the same.
POOR_QUALITY = "poor-quality"
# What a team lead is shown of each account manager.
TROUBLE = "trouble"

_KEPT_QUEUES = {queue.name: queue.kept for queue in QUEUES.values() if queue.kept is not None}
_IN_TROUBLE = (Stage.DISCONNECTED, Stage.RESTRICTED, Stage.WINDOW_CLOSED, Stage.NOT_VISIBLE)
URGENT_CONDITION = Q()
for _name in URGENT:
    URGENT_CONDITION |= _KEPT_QUEUES.get(_name, Q())
KINDS: dict[str, Q] = {
    **_KEPT_QUEUES,
    URGENT_ANYWAY: URGENT_CONDITION,
    POOR_QUALITY: _KEPT_QUEUES["quality"] & Q(move=Move.NOBODY.value),
    TROUBLE: Q(stage__in=[stage.value for stage in _IN_TROUBLE]) | conditions.IS_STOPPED,
}

_NUMBERS, _COUNTS = PhoneNumber._meta.db_table, NumberCount._meta.db_table
NAMES = ("phones_counts_of_new", "phones_counts_of_changed", "phones_counts_of_deleted")
# Who folds or rebuilds holds this lock of PostgreSQL's: between the two a count could be taken twice.
_LOCK = 0x6E756D62
_MOST_FOLDED = 5_000
_BATCH = 1_000


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
    """Of all numbers together. One statement."""
    return _summed(NumberCount.objects.filter(Q(client=None) | Q(is_folded=False)))


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
    """Sum up what writers added, some thousand rows of it; gives how many. Another who folds is not waited for."""
    with transaction.atomic():
        if not _is_mine(waits=False):
            return 0
        unfolded = NumberCount.objects.filter(is_folded=False).order_by("pk")
        new = list(unfolded.values_list("pk", "client", "kind", "numbers")[:_MOST_FOLDED])
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
        f"SELECT client_id, kind, numbers, TRUE FROM ({_counting()}) AS counted"
        f" UNION ALL SELECT NULL, kind, SUM(numbers), TRUE FROM ({_counting()}) AS counted GROUP BY kind"
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
                UNION ALL SELECT client_id, kind, 0, numbers FROM ({_counting()}) AS of_clients
                UNION ALL SELECT NULL, kind, 0, numbers FROM ({_counting()}) AS of_all
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


# --- The triggers -----------------------------------------------------------------------------------------------------
# ruff: noqa: S608 - the names are those of our own tables, the conditions our own


def installs(digest: str) -> Callable[[Any, Any], None]:
    """For a migration: make the triggers, if they are those of this digest. Else a later migration makes them."""

    def install(_apps: Any, schema_editor: Any) -> None:
        if digest != current_digest():
            return
        remove(_apps, schema_editor)
        statements = _on_sqlite() if schema_editor.connection.vendor == "sqlite" else _on_postgresql()
        for statement in statements:
            schema_editor.execute(statement)

    return install


def remove(_apps: Any, schema_editor: Any) -> None:
    for name in NAMES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")


def current_digest() -> str:
    """What tells these triggers from those of other conditions."""
    return hashlib.sha256("\n".join(_on_sqlite() + _on_postgresql()).encode()).hexdigest()[:12]


def _on_sqlite() -> list[str]:
    """A number comes without its client there, and gets it at once (kept_columns): it is its WABA's from the start."""
    others = [f"old.{name} IS NOT new.{name}" for name in _columns() if name != "client_id"]
    changed = f"WHEN {' OR '.join(['old.client_id <> new.client_id', *others])}"
    return [
        f"CREATE TRIGGER {name} AFTER {when} ON {_NUMBERS} {condition} BEGIN {added}; END"
        for name, when, condition, added in zip(
            NAMES,
            ("INSERT", "UPDATE", "DELETE"),
            ("", changed, ""),
            (_added(("new", 1)), _added(("old", -1), ("new", 1)), _added(("old", -1))),
            strict=True,
        )
    ]


def _on_postgresql() -> list[str]:
    """Rows that are inserted together are counted together: a first reading writes hundreds at a time."""
    changed = f"WHEN ({' OR '.join(f'old.{name} IS DISTINCT FROM new.{name}' for name in _columns())})"
    kinds = f"(VALUES {', '.join(f'({kind})' for kind in _kinds_of('written'))}) AS kinds (kind)"
    of_new = (
        f"INSERT INTO {_COUNTS} (client_id, kind, numbers) SELECT client_id, kind, COUNT(*)"
        f" FROM written CROSS JOIN LATERAL {kinds} WHERE kind IS NOT NULL GROUP BY client_id, kind"
    )
    found = []
    for name, body, when in zip(
        NAMES,
        (of_new, _added(("old", -1), ("new", 1)), _added(("old", -1))),
        (
            f"AFTER INSERT ON {_NUMBERS} REFERENCING NEW TABLE AS written FOR EACH STATEMENT",
            f"AFTER UPDATE ON {_NUMBERS} FOR EACH ROW {changed}",
            f"AFTER DELETE ON {_NUMBERS} FOR EACH ROW",
        ),
        strict=True,
    ):
        function = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$"
        found += [function, f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"]
    return found


def _added(*signs: tuple[str, int]) -> str:
    """The statement that notes what became less of a row as it was (`old`), and more of it as it is (`new`)."""
    kinds = " UNION ALL ".join(
        f"SELECT {row}.client_id AS client_id, {kind} AS kind, {sign} AS numbers"
        for row, sign in signs
        for kind in _kinds_of(row)
    )
    last, _ = signs[-1]
    client = f"COALESCE(client_id, (SELECT client_id FROM clients_waba WHERE id = {last}.waba_id))"
    counted = f"FROM ({kinds}) AS kinds WHERE kind IS NOT NULL"
    if len(signs) == 1:
        rows = f"SELECT {client}, kind, numbers, FALSE {counted}"
    else:
        rows = f"SELECT {client}, kind, SUM(numbers), FALSE {counted} GROUP BY 1, 2 HAVING SUM(numbers) <> 0"
    return f"INSERT INTO {_COUNTS} (client_id, kind, numbers, is_folded) {rows}"


def _counting() -> str:
    """The query that counts every kind by client."""
    rows = [
        f"SELECT client_id, {_place('number')} AS kind, COUNT(*) AS numbers FROM {_NUMBERS} AS number GROUP BY 1, 2"
    ]
    rows += [
        f"SELECT client_id, '{kind}', COUNT(*) FROM {_NUMBERS} AS number WHERE {_sql(condition, 'number')} GROUP BY 1"
        for kind, condition in KINDS.items()
    ]
    return " UNION ALL ".join(rows)


def _kinds_of(row: str) -> list[str]:
    """For each kind an expression of it: its name where the row is of it, else NULL."""
    named = [f"CASE WHEN {_sql(condition, row)} THEN '{kind}' END" for kind, condition in KINDS.items()]
    return [_place(row), *named]


def _place(row: str) -> str:
    return f"{row}.move || '/' || {row}.stage"


def _sql(condition: Q, row: str) -> str:
    """The condition on a row under this name. The same text in every process, whatever the order of a set.

    A column is compared with one value after the other: for a list of them SQLite makes a table, for every row anew.
    """
    query = PhoneNumber.objects.filter(condition).order_by().query
    text, parameters = query.get_compiler(connection=connection).compile(query.where)
    text = text.replace(f'"{_NUMBERS}".', f"{row}.").replace("%s", "{}")
    text = text.format(*("'" + str(each).replace("'", "''") + "'" for each in parameters))
    return re.sub(r'(\w+\."\w+") IN \(([^()]*)\)', _one_of, text)


def _one_of(found: re.Match[str]) -> str:
    return f"({' OR '.join(f'{found[1]} = {value}' for value in sorted(found[2].split(', ')))})"


def _columns() -> list[str]:
    """The columns that decide of which kinds a number is."""
    named = {name for condition in KINDS.values() for name in re.findall(r'row\."(\w+)"', _sql(condition, "row"))}
    return sorted(named | {"client_id", "move", "stage"})
