"""What an address of the list asks for: which numbers, in which order, and how they are best read.

The page and the CSV file both start here, so that they never differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from clients import roles
from phones.listing.columns import ORDERS, STANDARD_ORDER, order_named
from phones.listing.filters import NumberFilters
from phones.listing.rows import with_shown
from phones.models import PhoneNumber
from portal.web.keyset import Count, SortOrder, first_keys

# Counted no further. Up to here the matching numbers are found first and sorted then; beyond, the sort is walked.
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """The numbers of one address, in `order`. `notes` say what in the address means nothing."""

    person: roles.Person
    filters: NumberFilters
    order: SortOrder
    notes: list[str]

    def counted(self) -> tuple[QuerySet[PhoneNumber], Count]:
        """The numbers as they are best read a page at a time, and how many they are. One query, two with a search."""
        keys, count = first_keys(self.filters.qs, COUNTED)
        rows = PhoneNumber.objects.filter(pk__in=keys) if count.is_complete else self.filters.walked
        return with_shown(rows, self.person, self.order), count

    def whole(self) -> QuerySet[PhoneNumber]:
        """The numbers as they are best read all at once."""
        return with_shown(self.filters.qs, self.person, self.order)


def select(data: QueryDict, person: roles.Person) -> Selection:
    """What `data` asks for among the numbers that `person` may see."""
    filters = NumberFilters(data, person)
    wanted = data.get("sort", "")
    order = order_named(wanted) if wanted else STANDARD_ORDER
    if order is None:
        order = STANDARD_ORDER
        filters.say(f"The list can’t be sorted by “{wanted[:50]}”, only by {', '.join(ORDERS)}.")
    return Selection(person, filters, order, filters.notes)
