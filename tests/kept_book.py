"""What a reading of the practice world stored, kept by one test for the next: rows are put back, not read again.

Every practice world of the same options is the same, and so is what a first sync of it stores, but for the time. Most
tests of what happens to a book need one that was read; the tests in tests/phones/sync read theirs.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Field, Model

from clients.models import Client, Credential, Portfolio, SyncFailure, SyncRun, Waba
from phones.models import Change, Heartbeat, Listing, NumberAge, PhoneNumber

# In the order in which they name each other; what triggers keep follows from these.
_MODELS: tuple[type[Model], ...] = (
    Client,
    Portfolio,
    Credential,
    SyncRun,
    Waba,
    SyncFailure,
    PhoneNumber,
    NumberAge,
    Listing,
    Change,
    Heartbeat,
)


@dataclass(frozen=True, slots=True)
class KeptBook:
    """The rows by table as the database holds them, when the world began and when they were stored."""

    rows: dict[str, list[tuple[Any, ...]]]
    world_began: int
    stored_at: datetime.datetime


def can_be_kept() -> bool:
    """Whether nothing is stored yet, on a database whose numbering of rows goes back with a test's transaction."""
    roots = (Client, Credential, SyncRun, Heartbeat)  # all other rows name one of these
    return connection.vendor == "sqlite" and not any(model._default_manager.exists() for model in roots)


def keep(world_began: float, stored_at: datetime.datetime) -> KeptBook:
    rows = {}
    for model in _MODELS:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(_read(model))} FROM {_table(model)} ORDER BY 1")  # noqa: S608 - Django's own names
            rows[_table(model)] = cursor.fetchall()
    return KeptBook(rows, int(world_began), stored_at)


def put_back(book: KeptBook, world_began: float, now: datetime.datetime) -> None:
    """Store the rows as if the reading had ended now.

    Graph's moments have whole seconds and go with the world's beginning; the desk's own have fractions.
    """
    world, desk = datetime.timedelta(seconds=int(world_began) - book.world_began), now - book.stored_at
    for model in _MODELS:
        fields = _fields(model)
        moments = {at for at, field in enumerate(fields) if isinstance(field, DateTimeField)}
        rows = [
            [_later(value, world, desk) if at in moments and value else value for at, value in enumerate(row)]
            for row in book.rows[_table(model)]
        ]
        if rows:
            names, places = ", ".join(map(_column, fields)), ", ".join(["%s"] * len(fields))
            # The database has made the ages with the numbers.
            insert = f"INSERT OR REPLACE INTO {_table(model)} ({names}) VALUES ({places})"  # noqa: S608 - Django's own names
            with connection.cursor() as cursor:
                cursor.executemany(insert, rows)


def _later(text: str, world: datetime.timedelta, desk: datetime.timedelta) -> str:
    moment = datetime.datetime.fromisoformat(text)
    return str(moment + (desk if moment.microsecond else world))


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def _read(model: type[Model]) -> Iterable[str]:
    """The columns; moments as SQLite's own text."""
    for field in _fields(model):
        yield f"{_column(field)} || ''" if isinstance(field, DateTimeField) else _column(field)


def _column(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))
