"""How many rows there are: of a list beside each row of another, or of several lists at once by one statement."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import IntegerField, Subquery

from portal.web.filters import Rows
from portal.web.keys import sql_of
from portal.web.keyset import Count


class Counted(Subquery):
    """To be annotated: the number of rows of a query, which may be cut."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


def counts_of(named: Mapping[str, Rows], *, limit: int) -> dict[str, Count]:
    """For each name how many rows there are, up to `limit`. The rows name nothing outside their own query."""
    if not named:
        return {}
    asked = [sql_of(rows.order_by().values("pk")[: limit + 1]) for rows in named.values()]
    columns = ", ".join(f"(SELECT COUNT(*) FROM ({text}) counted)" for text, _ in asked)  # noqa: S608 - put together by Django
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [one for _, parameters in asked for one in parameters])
        counts = cursor.fetchone()
    return {
        name: Count(min(count, limit), is_complete=count <= limit) for name, count in zip(named, counts, strict=True)
    }
