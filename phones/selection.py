"""What an address of the list asks for: which numbers, in which order, and how they are best read.

The page and the CSV file both start here, so that they never differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from clients import roles
from phones.columns import ORDERS, STANDARD_ORDER, order_named
from phones.filters import NumberFilters
from phones.models import PhoneNumber
from phones.shown import with_shown
from portal.lists import Count, Order, first_keys

# Counted no further. Up to here the matching numbers are found first and sorted then; beyond, the sort is walked.
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """The numbers of one address. `rows` are to be read with `portal.lists`, in `order`."""

    filters: NumberFilters
    order: Order
    rows: QuerySet[PhoneNumber]
    count: Count
    notes: list[str]


def select(data: QueryDict, person: roles.Person) -> Selection:
    """What `data` asks for among the numbers that `person` may see. One query, two with a search."""
    filters = NumberFilters(data, person)
    keys, count = first_keys(filters.qs, COUNTED)
    rows = PhoneNumber.objects.filter(pk__in=keys) if count.is_complete else filters.walked
    notes = list(filters.notes)
    wanted = data.get("sort", "")
    order = order_named(wanted) if wanted else STANDARD_ORDER
    if order is None:
        order = STANDARD_ORDER
        notes.append(f"The list can’t be sorted by “{wanted[:50]}”, only by {', '.join(ORDERS)}.")
    return Selection(filters, order, with_shown(rows, person, order), count, notes)
