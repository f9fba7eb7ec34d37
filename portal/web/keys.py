"""Rows by their keys, however many: one parameter of a statement, where a list of thousands would be put together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Value
from django.db.models.sql.compiler import SQLCompiler


class OneOf(Func):
    """The condition "the key of the row is one of `keys`"."""

    output_field = BooleanField()

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(F("pk"), Value(json.dumps(list(keys))))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="%(expressions)s))", arg_joiner=" IN (SELECT value FROM JSON_EACH(", **extra
        )

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        template = "%(expressions)s, '[]', '{}')::BIGINT[])"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" = ANY(TRANSLATE(", **extra)
