"""A statement that reads one row by its keys and is put in words once a process.

Django puts a query in words each time it asks. For what every request asks that takes several times as long as the
database's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connections, models

Row = TypeVar("Row", bound=models.Model)


class KeptStatement(Generic[Row]):
    """The row of `rows` of which `condition` is true: lookups as `filter` takes them, each with any value of its kind.

    At most one row may meet it. What `rows` annotates comes with the row, as the database gives it.
    """

    def __init__(self, rows: Callable[[], models.QuerySet[Row]], **condition: object) -> None:
        self._rows = rows
        self._condition = condition

    def row(self, **values: object) -> Row | None:
        """The row with these values in the condition's places; None where there is none."""
        rows = self._rows()
        model, using = rows.model, rows.db
        sql, before = self._in_words(connections[using].vendor)
        fields = [model._meta.get_field(lookup.partition("__")[0]) for lookup in self._condition]
        given = [
            field.get_db_prep_value(values[lookup], connections[using])  # type: ignore[union-attr] # columns, no relations
            for lookup, field in zip(self._condition, fields, strict=True)
        ]
        return next(iter(model._base_manager.using(using).raw(sql, [*before, *given])), None)

    @cache  # noqa: B019 - a statement lives as long as its process
    def _in_words(self, vendor: str) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002 - each database has its own words
        """The statement, and its parameters before those of the condition, which are its last ones."""
        # One by one: of several at once, Django sorts the names.
        places = [models.Q((lookup, value)) for lookup, value in self._condition.items()]
        sql, parameters = self._rows().filter(*places).query.sql_with_params()
        return sql, parameters[: -len(self._condition)]
