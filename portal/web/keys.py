"""Rows by their keys, however many: as one parameter of a statement, or as a query whose text is put together once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, BooleanField, Expression, F, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class OneOf(Func):
    """The condition "the key of the row, or what its column `field` points to, is one of `keys`"."""

    output_field = BooleanField()

    def __init__(self, keys: Iterable[int], field: str = "pk") -> None:
        super().__init__(F(field))
        self.keys = ",".join(map(str, keys))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ARG002 - Django's signature
        column, params = compiler.compile(self.source_expressions[0])
        named = f"{column} IN (SELECT value FROM JSON_EACH(%s))"  # noqa: S608 - a column of ours
        return named, [*params, f"[{self.keys}]"]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ARG002 - Django's
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} = ANY(%s::BIGINT[])", [*params, f"{{{self.keys}}}"]


class OneOfTexts(Func):
    """The condition "the text in the column `field` is one of `texts`"."""

    output_field = BooleanField()

    def __init__(self, field: str, texts: Iterable[str]) -> None:
        super().__init__(F(field))
        self.texts = list(texts)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ARG002 - Django's signature
        column, params = compiler.compile(self.source_expressions[0])
        named = f"{column} IN (SELECT value FROM JSON_EACH(%s))"  # noqa: S608 - a column of ours
        return named, [*params, json.dumps(self.texts)]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:  # noqa: ARG002 - Django's
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} = ANY(%s::TEXT[])", [*params, self.texts]


class KeysOf(Expression):
    """The keys that `rows` give, to stand behind `__in`.

    Django works a query out anew wherever it stands in another.
    """

    output_field = BigIntegerField()

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__()
        self.text, self.parameters = sql_of(rows)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:  # noqa: ARG002 - Django's signature
        return f"({self.text})", self.parameters


def sql_of(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """The statement that reads the keys `rows`, and its parameters, to stand within another statement."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT CAST(NULL AS BIGINT) WHERE 1 = 0", ()
