"""The numbers list: which numbers an address asks for, in which order, and how they are best read.

The page and the CSV file both start here, so that they never differ.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.db.models import QuerySet

from phones.listing.columns import COLUMNS, ORDERS, STANDARD, STANDARD_ORDER, NumberColumn, columns_named, order_named
from phones.listing.filters import NumberFilters
from phones.listing.queues import QUEUES
from phones.listing.rows import NumberRow, rows_of, with_labels, with_shown
from phones.models import PhoneNumber
from portal.web.keyset import Cursor, SortOrder, position_of
from portal.web.listing import DeclaredList

# Facts of a number that no column shows, and that are long.
_NOT_SHOWN = ("webhook_configuration", "former_names", "search_text")


class NumberList(DeclaredList[NumberRow]):
    """The numbers of one address. Up to `counted` matching ones are found first and sorted then.

    Beyond that the sort is walked.
    """

    model = PhoneNumber
    route = "phones:list"
    filter_set = NumberFilters
    columns = tuple(COLUMNS.values())
    orders = ORDERS
    usual_order = STANDARD_ORDER
    page_sizes = (50, 100, 200)
    counted = 1_000

    def prepare(self, rows: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        return with_shown(rows.defer(*_NOT_SHOWN), self.person, self.order)

    def rows_of(self, found: Sequence[PhoneNumber]) -> list[NumberRow]:
        is_search = bool(self.typed) and self.order == self.usual_order
        rows = rows_of(_living_first(found) if is_search else found, self.person)
        if any(column.name == "labels" for column in self.shown_columns()):
            rows = with_labels(rows, self.person)
        return [replace(row, trail=self.trail_of(row.number)) for row in rows] if self.is_narrowed else rows

    def trail_of(self, number: PhoneNumber) -> str:
        """What the address of a number's page ends in when it is opened from here: this list, behind the number."""
        return trail_to(str(self.at(Cursor(position_of(number, self.order)))))

    @property
    def default_order(self) -> SortOrder:
        """That of the queue, when the address asks for one."""
        named = [QUEUES[name] for name in dict.fromkeys(self.data.getlist("queue")) if name in QUEUES]
        return order_named(named[0].order) if len(named) == 1 else self.usual_order

    def shown_columns(self) -> list[NumberColumn]:
        return columns_named(self.data.getlist("columns"))

    def further_pairs(self) -> list[tuple[str, str]]:
        columns = self.shown_columns()
        return [] if columns == STANDARD else [("columns", ",".join(column.name for column in columns))]


def _living_first(found: Sequence[PhoneNumber]) -> list[PhoneNumber]:
    """The same, but for numbers with the same digits: one that is still listed takes the place before one that is not.

    Meta gives a number that is added anew a new id, and the old one stays on the desk.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, number in enumerate(found):
        places[number.digits or number.phone_number_id].append(place)
    ordered = list(found)
    for same in places.values():
        for place, number in zip(same, sorted((found[at] for at in same), key=_is_missing), strict=True):
            ordered[place] = number
    return ordered


def _is_missing(number: PhoneNumber) -> bool:
    return number.missing_since is not None


def trail_to(address: str) -> str:
    """The end of a page's address that names the list it was opened from."""
    return f"?{urlencode({'from': address})}"
