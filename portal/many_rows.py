"""Writes many rows of one table: what `bulk_create` and `bulk_update` do for plain values, at a fraction of the price.

`bulk_create` asks each field of each row how to save itself and puts statements together value by value, which is more
work than the database has with the rows. Here a table's columns are looked at once. What rows mean is not known here.
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection, models

from portal.fields import FoldedNameField

# Fields whose plain values go to the database as they are.
_AS_THEY_ARE = (
    models.BigAutoField,
    models.BooleanField,
    models.CharField,
    FoldedNameField,
    models.IntegerField,
    models.PositiveSmallIntegerField,
    models.TextField,
)


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model and give them their keys. Runs inside a transaction.

    For plain values: no expressions, nothing about conflicts, and a row that another points to has its key already.
    """
    if not rows:
        return
    statement = _insert_of(type(rows[0]))
    for field in statement.made_on_saving:
        for row in rows:
            field.pre_save(row, add=True)
    values = statement.columns.values_of(rows)
    with connection.cursor() as cursor:
        most = _most_values() // len(statement.columns.fields)
        for start in range(0, len(rows), most):
            cursor.execute(*statement.of(values[start : start + most]))
            for row, (key,) in zip(rows[start : start + most], cursor.fetchall(), strict=True):
                row.pk, row._state.adding, row._state.db = key, False, connection.alias


def save_columns(rows: Collection[models.Model], names: Sequence[str]) -> None:
    """Write the fields `names` of stored `rows`, all of one model. Inside a transaction; no signals, no `auto_now`.

    Rows are locked in the order of their keys, so that of two transactions that write the same ones neither waits for
    a row of the other while it holds one that the other waits for.
    """
    first = next(iter(rows), None)
    if first is None:
        return
    statement = _update_of(type(first), tuple(names))
    values = statement.columns.values_of(sorted({row.pk: row for row in rows}.values(), key=attrgetter("pk")))
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(statement.of_one, [[*others, key] for key, *others in values])
            return
        most = _most_values() // len(statement.columns.fields)
        for start in range(0, len(values), most):
            arrays = _by_column(values[start : start + most])
            cursor.execute(statement.lock, arrays[:1])
            cursor.execute(statement.of_many, arrays)


# ruff: noqa: S608 - the names are those of our own tables


class _Columns:
    """Some columns of one table, and what the database is sent for them."""

    def __init__(self, fields: Sequence[models.Field[Any, Any]]) -> None:
        self.fields = fields
        quote = connection.ops.quote_name
        self.names = [quote(str(field.column)) for field in fields]
        # Without a length, which would cut a text short where it has to be refused.
        types = [str(field.db_type(connection)).split("(")[0] for field in fields]
        # An array a column: PostgreSQL plans it in a moment, however many rows there are.
        self.arrays = [f"%s::{one}[]" for one in types]
        self._read = attrgetter(*(field.attname for field in fields))
        self._prepared = [
            (position, field)
            for position, field in enumerate(fields)
            if type(getattr(field, "target_field", field)) not in _AS_THEY_ARE
        ]

    def values_of(self, rows: Iterable[models.Model]) -> list[list[Any]]:
        """A list for each row. Rows that are written together share most of their times: each is prepared once."""
        known: dict[datetime.datetime, object] = {}
        return [self._values_of(row, known) for row in rows]

    def _values_of(self, row: models.Model, known: dict[datetime.datetime, object]) -> list[Any]:
        values = list(self._read(row))
        for position, field in self._prepared:
            value = values[position]
            if isinstance(value, datetime.datetime):
                if value not in known:
                    known[value] = field.get_db_prep_save(value, connection)
                values[position] = known[value]
            elif value is not None:
                values[position] = field.get_db_prep_save(value, connection)
        return values


class _Insert:
    """The INSERT of rows of one table: all columns but the key and those that the database computes."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
        self.columns = _Columns(fields)
        self.made_on_saving = [
            field for field in fields if getattr(field, "auto_now_add", False) or isinstance(field, FoldedNameField)
        ]
        quote = connection.ops.quote_name
        self._head = f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(self.columns.names)})"
        self._tail = f"RETURNING {quote(str(model._meta.pk.column))}"
        self._row = f"({', '.join(['%s'] * len(fields))})"

    def of(self, values: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
        """The statement for these rows and its parameters. It gives their keys, in the order of the rows."""
        if connection.vendor == "postgresql":
            source = f"SELECT {', '.join(f'UNNEST({array})' for array in self.columns.arrays)}"
            parameters = _by_column(values)
        else:
            source, parameters = f"VALUES {', '.join([self._row] * len(values))}", [*chain.from_iterable(values)]
        return f"{self._head} {source} {self._tail}", parameters


class _Update:
    """The UPDATE of some columns of one table: of many rows at once, or `of_one`, which SQLite repeats for each.

    Django's `bulk_update` builds one CASE per row and column, a hundred times the work.
    """

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        table = model._meta
        by_name = {field.name: field for field in table.concrete_fields}
        self.columns = _Columns([table.pk, *(by_name[name] for name in names)])
        here, (key, *others) = connection.ops.quote_name(table.db_table), self.columns.names
        columns = zip(self.columns.arrays, self.columns.names, strict=True)
        rows = ", ".join(f"UNNEST({array}) AS {name}" for array, name in columns)
        self.lock = f"SELECT 1 FROM {here} WHERE {key} = ANY({self.columns.arrays[0]}) ORDER BY {key} FOR NO KEY UPDATE"
        self.of_many = (
            f"UPDATE {here} SET {', '.join(f'{name} = written.{name}' for name in others)}"
            f" FROM (SELECT {rows}) AS written WHERE {here}.{key} = written.{key}"
        )
        self.of_one = f"UPDATE {here} SET {', '.join(f'{name} = %s' for name in others)} WHERE {key} = %s"


def _by_column(values: Sequence[Sequence[Any]]) -> list[Any]:
    return [list(column) for column in zip(*values, strict=True)]


def _most_values() -> int:
    """How many values one statement may carry."""
    if connection.vendor == "sqlite":
        # Django keeps to the 999 of old versions. A statement lets go of the interpreter and then waits for it behind
        # the threads that read, so few of them are better.
        return int(connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER))
    return 50_000


@cache
def _insert_of(model: type[models.Model]) -> _Insert:
    return _Insert(model)


@cache
def _update_of(model: type[models.Model], names: tuple[str, ...]) -> _Update:
    return _Update(model, names)
