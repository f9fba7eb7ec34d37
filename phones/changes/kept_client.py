"""The client of each line of history beside the line, kept by the database with triggers; a migration installs them.

It is the client of the line's number, or of its WABA where it names no number: who sees that sees the line. The newest
lines of a book are found along one index by it. Where a number comes to another client, so do its lines.

A later migration that rebuilds a table on SQLite leaves them as they are (`portal.kept_triggers`).
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, F, OuterRef, Subquery, When

from phones.numbers.kept_columns import Wrong, create, drop, function, pieces

# ruff: noqa: S608 - the names are those of our own tables
_IS_OTHER = "UPDATE phones_change SET client_id = new.client_id WHERE"
_OF_NUMBER, _OF_WABA = f"{_IS_OTHER} number_id = new.id", f"{_IS_OTHER} waba_id = new.id AND number_id IS NULL"


_CLIENT = (
    "CASE WHEN new.number_id IS NULL THEN (SELECT client_id FROM clients_waba WHERE id = new.waba_id)"
    " ELSE (SELECT client_id FROM phones_phonenumber WHERE id = new.number_id) END"
)

ON_SQLITE = {
    "phones_client_of_new_change": (
        "AFTER INSERT ON phones_change",
        f"UPDATE phones_change SET client_id = {_CLIENT} WHERE id = new.id",
    ),
    "phones_client_of_written_change": (
        f"AFTER UPDATE OF number_id, waba_id, client_id ON phones_change WHEN new.client_id IS NOT {_CLIENT}",
        f"UPDATE phones_change SET client_id = {_CLIENT} WHERE id = new.id",
    ),
    "phones_client_of_changes_of_number": (
        "AFTER UPDATE OF client_id ON phones_phonenumber WHEN old.client_id IS NOT new.client_id",
        _OF_NUMBER,
    ),
    "phones_client_of_changes_of_waba": (
        "AFTER UPDATE OF client_id ON clients_waba WHEN old.client_id <> new.client_id",
        _OF_WABA,
    ),
}
# A line holds its WABA and then its number by KEY SHARE, as its foreign keys do anyway: nobody who writes facts waits
# for it. Whoever gives them to another client holds them by UPDATE, in the same order, so waits until such lines are
# there, and new ones wait in turn. Whose they are is read by a statement of its own after that: one that waits by KEY
# SHARE gets the row as it was before.
_HOLD_WABA, _HOLD_NUMBER = (
    f"PERFORM 1 FROM {table} WHERE id = new.{key} FOR KEY SHARE"
    for table, key in (("clients_waba", "waba_id"), ("phones_phonenumber", "number_id"))
)
_HOLD = "PERFORM 1 FROM {} WHERE id = new.id FOR UPDATE"
_IF_OTHER = "IF old.client_id IS DISTINCT FROM new.client_id THEN {}; {}; END IF"
ON_POSTGRESQL = {
    "phones_client_of_change": (
        "BEFORE INSERT OR UPDATE OF number_id, waba_id, client_id ON phones_change",
        # Lines that one of the triggers below gives to another client need not be asked for it one by one.
        f"IF pg_trigger_depth() = 1 THEN {_HOLD_WABA}; {_HOLD_NUMBER}; new.client_id := {_CLIENT}; END IF",
    ),
    "phones_client_of_changes_of_number": (
        # The client of a number that moves is written by a trigger, which is no update OF its client.
        "AFTER UPDATE OF waba_id, client_id ON phones_phonenumber",
        _IF_OTHER.format(_HOLD.format("phones_phonenumber"), _OF_NUMBER),
    ),
    "phones_client_of_changes_of_waba": (
        "AFTER UPDATE OF client_id ON clients_waba",
        _IF_OTHER.format(_HOLD.format("clients_waba"), _OF_WABA),
    ),
}


def install(_apps: Any, schema_editor: Any) -> None:
    """Make the triggers, anew where they are there. What was written before them is for `fill`."""
    remove(_apps, schema_editor)
    create(schema_editor, ON_SQLITE, ON_POSTGRESQL)


def remove(_apps: Any, schema_editor: Any) -> None:
    drop(schema_editor, ON_SQLITE, ON_POSTGRESQL)


def mend(_apps: Any, schema_editor: Any) -> None:
    """Give the functions behind the triggers on PostgreSQL what they do now; their tables are not locked by it."""
    if schema_editor.connection.vendor == "postgresql":
        for name, (_when, done) in ON_POSTGRESQL.items():
            schema_editor.execute(function(name, done, replaced=True))


def fill(apps: Any, _schema_editor: Any) -> None:
    """Write what the column should be wherever it is not, some thousand rows at a time."""
    for rows, right in wrong(apps):
        rows.update(**right)


def wrong(apps: Any) -> Iterator[Wrong]:
    """The lines whose client is not that of their number or WABA."""
    numbers = apps.get_model("phones", "PhoneNumber").objects.filter(pk=OuterRef("number")).order_by()
    wabas = apps.get_model("clients", "Waba").objects.filter(pk=OuterRef("waba")).order_by()
    client = Case(When(number=None, then=Subquery(wabas.values("client")[:1])), default=numbers.values("client")[:1])
    for piece in pieces(apps.get_model("phones", "Change").objects.order_by()):
        with_right = piece.alias(should_be=client)
        yield with_right.exclude(client=F("should_be")).exclude(client=None, should_be=None), {"client": client}
