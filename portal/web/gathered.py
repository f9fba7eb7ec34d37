"""A few rows of another table in one column of a statement, which spares a page the statement that would read them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import JSONField, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler

_SQLITE = "(SELECT JSON_GROUP_ARRAY(JSON_ARRAY(NAMES)) FROM (%(subquery)s) gathered)"
_POSTGRESQL = "(SELECT COALESCE(JSONB_AGG(JSONB_BUILD_ARRAY(NAMES)), '[]'::JSONB) FROM (%(subquery)s) gathered)"


class Gathered(Subquery):
    """To be annotated: the rows of `rows`, in their order, as a list with a list of the values of `columns` for each.

    The columns are texts and whole numbers: JSON knows no times.
    """

    def __init__(self, rows: QuerySet[Any, Any], *columns: str) -> None:
        super().__init__(rows.values(*columns), output_field=JSONField())
        self.names = ", ".join(f'gathered."{column}"' for column in columns)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        whole = _SQLITE.replace("NAMES", self.names)
        return self.as_sql(compiler, connection, template=whole, **extra)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        whole = _POSTGRESQL.replace("NAMES", self.names)
        return self.as_sql(compiler, connection, template=whole, **extra)
