"""Reading rows of any table."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def row_or_none(rows: QuerySet[Row]) -> Row | None:
    """The row of a condition that one row meets at most, such as a key; None where there is none.

    `first()` sorts what it is given. Where there is nothing to sort, Django takes as long to put that in words as it
    takes for all the rest.
    """
    return next(iter(rows[:1]), None)
