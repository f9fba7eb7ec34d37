"""Rows that PostgreSQL writes itself, for measuring: INSERT … SELECT, with the defaults of the models."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

# The first WABA is larger than others, as some business's is.
_OF_THE_LARGEST = 1_000


@contextmanager
def without_indexes(*written: type[models.Model]) -> Iterator[None]:
    """Make the indexes anew once the rows are there, which takes a fraction of keeping them up row by row."""
    tables = [model._meta.db_table for model in written]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            [tables],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for name, definition in indexes:
            cursor.execute(definition)
            say(f"index {name}")


def word(number: str, words: tuple[str, ...]) -> str:
    return f"(ARRAY{list(words)})[1 + ({number}) % {len(words)}]"


def chosen(die: str, weights: dict[str | None, float]) -> str:
    """SQL that gives one of the values, as often as their weights say, by an even `die` from 0 to 1."""
    total, reached, cases = sum(weights.values()), 0.0, []
    for value, weight in weights.items():
        reached += weight
        cases.append(f"WHEN d < {reached / total} THEN {_literal(value)}")
    return f"(SELECT CASE {' '.join(cases)} END FROM (SELECT {die} AS d) AS die)"


def key(place: str) -> str:
    """SQL for the key of the row that was written at `place`: the database counts keys up from one."""
    return f"(1 + {place})"


def place_of(number: str, numbers: int, wabas: int) -> str:
    """SQL for the place of the WABA that a number is under, by the number's own place."""
    return f"CASE WHEN {number} < {min(_OF_THE_LARGEST, numbers // 10)} THEN 0 ELSE {number} % {wabas} END"


def write(model: type[models.Model], source: str, columns: dict[str, str], *, raw: bool = False) -> None:
    """Insert a row for each `i` of `source`: how many there are, or a FROM item that has `i`."""
    rows = f"generate_series(0, {source} - 1) AS i" if source.isdecimal() else source if raw else f"{source} AS rows"
    values: dict[str, Any] = {}
    for field in model._meta.local_concrete_fields:
        if field.column is None:
            continue
        if field.name in columns:
            values[field.column] = columns[field.name]
        elif not (field.primary_key or field.null or field.generated or field.has_db_default()):
            values[field.column] = _literal_default(field)
    statement = (
        f"INSERT INTO {model._meta.db_table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {rows}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        say(f"{cursor.rowcount:,} {model._meta.verbose_name_plural}")


def say(done: str) -> None:
    """Tell whoever waits what was done, and when: the largest of these take minutes."""
    print(f"{time.strftime('%H:%M:%S')}  {done}", file=sys.stderr, flush=True)  # noqa: T201 - a command's progress


def _literal_default(field: models.Field[Any, Any]) -> str:
    if getattr(field, "auto_now_add", False):
        return "now()"
    default = field.get_default()
    if isinstance(field, models.JSONField):
        return f"'{'{}' if default == {} else '[]'}'::jsonb"
    return _literal(default)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) or not isinstance(value, bool | int) else str(value)
