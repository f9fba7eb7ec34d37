"""Several counts in one statement, each stopping at a limit. Knows nothing of WhatsApp."""

import contextlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from portal.web.keyset import Count


def count_all(some: Mapping[str, QuerySet[Any, Any]], limit: int) -> dict[str, Count]:
    """How many rows each of `some` has, counted up to `limit`. One statement for all of them."""
    counted = dict.fromkeys(some, 0)
    compiled: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for name, rows in some.items():
        keys = rows.order_by().values("pk")[: limit + 1]
        # What can match nothing compiles to nothing.
        with contextlib.suppress(EmptyResultSet):
            compiled[name] = keys.query.get_compiler(connection=connection).as_sql()
    if compiled:
        # The parts are Django's own statements, and their values stay parameters.
        parts = [f"(SELECT COUNT(*) FROM ({sql}) AS counted)" for sql, _ in compiled.values()]  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", [value for _, values in compiled.values() for value in values])
            counted |= dict(zip(compiled, cursor.fetchone(), strict=True))
    return {name: Count(min(count, limit), is_complete=count <= limit) for name, count in counted.items()}
