"""Which row of a list follows a place in it, and which of how many it is: one statement for all of it."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from portal.web.keyset import Position, SortOrder, parts, sections_of


@dataclass(frozen=True, slots=True)
class Following:
    """The row that follows a place in a list: its own place, the columns asked for, and which of how many it is."""

    position: Position
    columns: list[Any]
    place: int
    count: int


def following(
    rows: QuerySet[Any, Any], order: SortOrder, start: Position, *columns: str, limit: int
) -> tuple[Following | None, bool]:
    """The first of `rows` behind `start`, and whether they are no more than `limit`: of more it is not looked for.

    One query, which finds the rows in whatever order is quickest and sorts them then.
    """
    sections = sections_of(order, start, missing_first=False)
    is_behind = functools.reduce(operator.or_, sections, Q(pk__in=[]))
    few = rows.filter(pk__in=rows.order_by().values("pk")[: limit + 1])
    few = few.annotate(is_behind=Case(When(is_behind, then=Value(value=True)), default=Value(value=False)))
    paths = [path for path in (order.path, order.last) if path]
    found = list(
        parts(few, order, None, missing_first=False, few=True)[0].values_list("is_behind", "pk", *paths, *columns)
    )
    if len(found) > limit:
        return None, False
    place = next((place for place, row in enumerate(found) if row[0]), None)
    if place is None:
        return None, True
    _, key, *values = found[place]
    value = values.pop(0) if order.path else None
    is_last = bool(order.last) and values.pop(0) is not None
    return Following(order.position(value, key, is_last=is_last), values, place + 1, len(found)), True
