"""Columns that the database keeps itself, by triggers, so that no code path can forget them; a migration installs them.

That of history is beside it, in `phones.changes.kept_client`.

The client of a number is its WABA's: who sees a number is asked so often that it stands in the indexes of numbers.
`is_further` marks the few listings that say more of who sees it: of a number that several WABAs list at a time.

A later migration that rebuilds a table on SQLite leaves them as they are (`portal.kept_triggers`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F, Max, OuterRef, Q, Subquery

_PIECE = 5_000
# By name: when, on which table, and what is done.
Triggers = Mapping[str, tuple[str, str]]
# Some rows, and what their columns should be.
Wrong = tuple[Any, Mapping[str, Any]]

# ruff: noqa: S608 - the names are those of our own tables
_CLIENT_OF_NEW = "(SELECT client_id FROM clients_waba WHERE id = new.waba_id)"
_IS_FURTHER = "(new.is_current AND new.waba_id <> (SELECT waba_id FROM phones_phonenumber WHERE id = new.number_id))"
_ON_WABA = "UPDATE phones_phonenumber SET client_id = new.client_id WHERE waba_id = new.id"
_ON_NUMBER = "UPDATE phones_listing SET is_further = is_current AND waba_id <> new.waba_id WHERE number_id = new.id"
_LISTING_CHANGES = "AFTER UPDATE OF is_current, waba_id, number_id, is_further ON phones_listing"

# What is done to a row that was just written is not done to it again.
ON_SQLITE = {
    "phones_client_of_new": (
        "AFTER INSERT ON phones_phonenumber",
        f"UPDATE phones_phonenumber SET client_id = {_CLIENT_OF_NEW} WHERE id = new.id",
    ),
    "phones_client_of_moved": (
        f"AFTER UPDATE OF waba_id, client_id ON phones_phonenumber WHEN new.client_id IS NOT {_CLIENT_OF_NEW}",
        f"UPDATE phones_phonenumber SET client_id = {_CLIENT_OF_NEW} WHERE id = new.id",
    ),
    "phones_client_of_waba": (
        "AFTER UPDATE OF client_id ON clients_waba WHEN old.client_id <> new.client_id",
        _ON_WABA,
    ),
    "phones_further_new": (
        f"AFTER INSERT ON phones_listing WHEN new.is_further IS NOT {_IS_FURTHER}",
        f"UPDATE phones_listing SET is_further = {_IS_FURTHER} WHERE id = new.id",
    ),
    "phones_further_changed": (
        f"{_LISTING_CHANGES} WHEN new.is_further IS NOT {_IS_FURTHER}",
        f"UPDATE phones_listing SET is_further = {_IS_FURTHER} WHERE id = new.id",
    ),
    "phones_further_of_moved": (
        "AFTER UPDATE OF waba_id ON phones_phonenumber WHEN old.waba_id <> new.waba_id",
        _ON_NUMBER,
    ),
}
# The WABA is held while its number is written: whoever gives it to another client at that time waits, and finds it.
_LOCKED_CLIENT = "(SELECT client_id FROM clients_waba WHERE id = new.waba_id FOR SHARE)"
ON_POSTGRESQL = {
    "phones_client_of_number": (
        "BEFORE INSERT OR UPDATE OF waba_id, client_id ON phones_phonenumber",
        f"new.client_id := {_LOCKED_CLIENT}",
    ),
    "phones_client_of_waba": (
        "AFTER UPDATE OF client_id ON clients_waba",
        f"IF old.client_id <> new.client_id THEN {_ON_WABA}; END IF",
    ),
    "phones_further_listing": (
        f"BEFORE INSERT OR {_LISTING_CHANGES.removeprefix('AFTER ')}",
        f"new.is_further := {_IS_FURTHER}",
    ),
    "phones_further_of_moved": (
        "AFTER UPDATE OF waba_id ON phones_phonenumber",
        f"IF old.waba_id <> new.waba_id THEN {_ON_NUMBER}; END IF",
    ),
}


def install(_apps: Any, schema_editor: Any) -> None:
    """Make the triggers, anew where they are there. What was written before them is for `fill`."""
    remove(_apps, schema_editor)
    create(schema_editor, ON_SQLITE, ON_POSTGRESQL)


def remove(_apps: Any, schema_editor: Any) -> None:
    drop(schema_editor, ON_SQLITE, ON_POSTGRESQL)


def create(schema_editor: Any, on_sqlite: Triggers, on_postgresql: Triggers) -> None:
    """Make those triggers that are for this database."""
    if schema_editor.connection.vendor == "sqlite":
        for name, (when, done) in on_sqlite.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {when} BEGIN {done}; END")
        return
    for name, (when, done) in on_postgresql.items():
        schema_editor.execute(function(name, done))
        schema_editor.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")


def function(name: str, done: str, *, replaced: bool = False) -> str:
    """The statement that makes what a trigger calls on PostgreSQL."""
    head = f"CREATE {'OR REPLACE ' if replaced else ''}FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
    return f"{head} AS $$ BEGIN {done}; RETURN new; END $$"


def drop(schema_editor: Any, on_sqlite: Triggers, on_postgresql: Triggers) -> None:
    """Drop those that are there."""
    if schema_editor.connection.vendor == "sqlite":
        for name in on_sqlite:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        for name in on_postgresql:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")


def fill(apps: Any, _schema_editor: Any) -> None:
    """Write what the columns should be wherever they are not, some thousand rows at a time."""
    for rows, right in wrong(apps):
        rows.update(**right)


def wrong(apps: Any) -> Iterator[Wrong]:
    """The numbers whose client, and the listings whose mark, is not what it should be."""
    numbers, listings = (apps.get_model("phones", name).objects.order_by() for name in ("PhoneNumber", "Listing"))
    wabas = apps.get_model("clients", "Waba").objects.filter(pk=OuterRef("waba")).order_by()
    for piece in pieces(numbers):
        yield piece.exclude(client=F("waba__client")), {"client": Subquery(wabas.values("client")[:1])}
    is_further = Q(is_current=True) & ~Q(waba=F("number__waba"))
    for piece in pieces(listings):
        for condition, mark in ((is_further, True), (~is_further, False)):
            rows = piece.filter(condition, is_further=not mark).values("pk")
            yield listings.filter(pk__in=rows), {"is_further": mark}


def pieces(rows: Any) -> Iterator[Any]:
    """`rows` by their keys, some thousand at a time."""
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, _PIECE):
        yield rows.filter(pk__gt=start, pk__lte=start + _PIECE)
