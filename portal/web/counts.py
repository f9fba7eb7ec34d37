"""How many rows there are in several lists at once: one statement, which counts no further than a limit in each."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import IntegerField, Subquery

from portal.web.filters import Rows
from portal.web.keyset import Count


class Counted(Subquery):
    """To be annotated: the number of rows of a query, which may be cut."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


def counts_of(named: Mapping[str, Rows], person: Any, *, limit: int) -> dict[str, Count]:
    """For each name how many rows there are, up to `limit`. `person` is whose statement it is: a row to select from."""
    counted = {f"count_{place}": Counted(_first(rows, limit + 1)) for place, rows in enumerate(named.values())}
    row = get_user_model().objects.filter(pk=person.pk).order_by().values_list(*counted.values()).first()
    return {
        name: Count(min(count, limit), is_complete=count <= limit)
        for name, count in zip(named, row or [0] * len(named), strict=True)
    }


def _first(rows: Rows, limit: int) -> Rows:
    return rows.order_by().values("pk")[:limit]
