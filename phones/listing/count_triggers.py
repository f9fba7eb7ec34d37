"""The triggers that count numbers while they are written, and the kinds by which they do; migrations install them.

They are made of the conditions of KINDS. Where these have changed, a migration installs them anew: it ends with
`RunPython(count_triggers.installs(DIGEST), count_triggers.remove)` and `RunPython(kept_counts.rebuild)`; a test fails
until it does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Q

from phones.listing.queues import QUEUES, URGENT
from phones.models import NumberCount, PhoneNumber
from phones.numbers import conditions
from phones.numbers.lifecycle import Move, Stage

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


def counting() -> str:
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
