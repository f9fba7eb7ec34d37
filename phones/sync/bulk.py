"""Writes many rows of one table: what `bulk_create` and `bulk_update` do for plain values, at a fraction of the price.

`bulk_create` asks each field of each row how to save itself and puts statements together value by value, which is more
work than the database has with the rows. Here a table's columns are looked at once. What rows mean is not known here.
"""

import datetime
import sqlite3
from collections.abc import Collection, Sequence
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
    columns = _columns_of(type(rows[0]))
    known: dict[datetime.datetime, object] = {}
    values = [columns.values_of(row, known) for row in rows]
    with connection.cursor() as cursor:
        most = _most_values() // len(columns.fields)
        for start in range(0, len(rows), most):
            cursor.execute(*columns.statement(values[start : start + most]))
            for row, (key,) in zip(rows[start : start + most], cursor.fetchall(), strict=True):
                row.pk, row._state.adding, row._state.db = key, False, connection.alias


def save_columns(rows: Collection[models.Model], names: Sequence[str]) -> None:
    """Write the fields `names` of stored `rows`, all of one model. Inside a transaction; no signals, no `auto_now`.

    One prepared statement: Django's `bulk_update` builds one CASE per row and column, a hundred times the work.
    """
    first = next(iter(rows), None)
    if first is None:
        return
    table = first._meta
    by_name = {field.name: field for field in table.concrete_fields}
    fields = [by_name[name] for name in names]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = f"UPDATE {quote(table.db_table)} SET {assignments} WHERE {quote(str(table.pk.column))} = %s"  # noqa: S608 - names of our own models
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
                for row in rows
            ],
        )


class _Columns:
    """The columns of one table, all but its key and those that the database computes."""

    def __init__(self, model: type[models.Model]) -> None:
        self.fields: list[models.Field[Any, Any]] = [
            field for field in model._meta.concrete_fields if not field.primary_key and not field.generated
        ]
        self._read = attrgetter(*(field.attname for field in self.fields))
        self._made_on_saving = [
            field
            for field in self.fields
            if getattr(field, "auto_now_add", False) or isinstance(field, FoldedNameField)
        ]
        self._prepared = [
            (position, field)
            for position, field in enumerate(self.fields)
            if type(getattr(field, "target_field", field)) not in _AS_THEY_ARE
        ]
        quoted = connection.ops.quote_name
        names = ", ".join(quoted(str(field.column)) for field in self.fields)
        self._head = f"INSERT INTO {quoted(model._meta.db_table)} ({names})"
        self._tail = f"RETURNING {quoted(str(model._meta.pk.column))}"
        self._row = f"({', '.join(['%s'] * len(self.fields))})"
        # Without a length, which would cut a text short where it has to be refused.
        types = [str(field.db_type(connection)).split("(")[0] for field in self.fields]
        self._arrays = ", ".join(f"UNNEST(%s::{one}[])" for one in types)

    def values_of(self, row: models.Model, known: dict[datetime.datetime, object]) -> list[Any]:
        """What the database is sent for `row`. Rows of one batch share most of their times: `known` keeps those."""
        for field in self._made_on_saving:
            field.pre_save(row, add=True)
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

    def statement(self, values: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
        """The INSERT of these rows and its parameters. It gives their keys, in the order of the rows."""
        if connection.vendor == "postgresql":
            # An array a column: PostgreSQL plans it in a moment, however many rows there are.
            columns = zip(*values, strict=True)
            source, parameters = f"SELECT {self._arrays}", [list(column) for column in columns]
        else:
            source, parameters = f"VALUES {', '.join([self._row] * len(values))}", [*chain.from_iterable(values)]
        return f"{self._head} {source} {self._tail}", parameters


def _most_values() -> int:
    """How many values one statement may carry."""
    if connection.vendor == "sqlite":
        # Django keeps to the 999 of old versions. A statement lets go of the interpreter and then waits for it behind
        # the threads that read, so few of them are better.
        return int(connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER))
    return 50_000


@cache
def _columns_of(model: type[models.Model]) -> _Columns:
    return _Columns(model)
