"""The row of ages of each number, which the database makes with the number; a migration installs the triggers.

So no code path can forget it, and a number that is listed has an age to be sorted by. A new number is as old as its
first reading.

A later migration that rebuilds a table on SQLite leaves them as they are (`portal.kept_triggers`).
"""

from typing import Any

from django.db.models import Max

_PIECE = 5_000
_NAME = "phones_age_of_new"
_ROWS = "INSERT INTO phones_numberage (number_id, synced_at, synced_by)"

# The code of before wrote ages to the numbers themselves, and may still run while a release is put in place. What it
# writes there is carried over. These go with the old columns, one release later.
# On SQLite any migration that rebuilds the table of numbers takes the columns away, as the models no longer have them:
# it begins with `remove_carrying`, else SQLite refuses to rename anything from then on. A test fails until it does.
_CARRIED = "phones_age_of_read"
_OLD = "synced_at, synced_by, oldest_fact_at"
_CARRY = (
    f"INSERT INTO phones_numberage (number_id, {_OLD})"
    " VALUES (new.id, new.synced_at, new.synced_by, new.oldest_fact_at)"
    " ON CONFLICT (number_id) DO UPDATE SET synced_at = excluded.synced_at, synced_by = excluded.synced_by,"
    " oldest_fact_at = excluded.oldest_fact_at"
)

# ruff: noqa: S608 - the names are those of our own tables


def install(_apps: Any, schema_editor: Any) -> None:
    """Make the trigger, anew where it is there. For numbers from before it, `fill`.

    Rows that are inserted together get their ages together: a first reading writes hundreds at a time.
    """
    remove(_apps, schema_editor)
    _create(
        schema_editor,
        _NAME,
        "AFTER INSERT ON phones_phonenumber",
        on_sqlite=f"{_ROWS} VALUES (new.id, new.first_seen_at, 'sync')",
        on_postgresql=f"{_ROWS} SELECT id, first_seen_at, 'sync' FROM written",
        each="REFERENCING NEW TABLE AS written FOR EACH STATEMENT",
    )


def remove(_apps: Any, schema_editor: Any) -> None:
    _drop(schema_editor, _NAME)


def install_carrying(_apps: Any, schema_editor: Any) -> None:
    """Make the trigger for the code of before, where the table still has its columns."""
    remove_carrying(_apps, schema_editor)
    when = f"AFTER UPDATE OF {_OLD} ON phones_phonenumber"
    _create(schema_editor, _CARRIED, when, on_sqlite=_CARRY, on_postgresql=_CARRY, each="FOR EACH ROW")


def remove_carrying(_apps: Any, schema_editor: Any) -> None:
    _drop(schema_editor, _CARRIED)


def fill(apps: Any, schema_editor: Any) -> None:
    """Make the rows of the numbers from before the trigger, out of the old columns, some thousand at a time.

    In the order of their keys, in which everybody locks them. One that is there already is newer.
    """
    last = apps.get_model("phones", "PhoneNumber").objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, _PIECE):
        schema_editor.execute(
            f"INSERT INTO phones_numberage (number_id, {_OLD}) SELECT id, {_OLD} FROM phones_phonenumber"
            " WHERE id > %s AND id <= %s ORDER BY id ON CONFLICT (number_id) DO NOTHING",
            [start, start + _PIECE],
        )


def _create(schema_editor: Any, name: str, when: str, *, on_sqlite: str, on_postgresql: str, each: str) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN {on_sqlite}; END")
        return
    body = f"BEGIN {on_postgresql}; RETURN NULL; END"
    schema_editor.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    schema_editor.execute(f"CREATE TRIGGER {name} {when} {each} EXECUTE FUNCTION {name}()")


def _drop(schema_editor: Any, name: str) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
