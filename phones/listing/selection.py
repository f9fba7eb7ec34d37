"""The numbers list: which numbers an address asks for, in which order, and how they are best read.

The page and the CSV file both start here, so that they never differ.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from clients import roles
from clients.desk_list import DeskList
from phones.listing.columns import AGE, COLUMNS, ORDERS, STANDARD, STANDARD_ORDER, NumberColumn, order_named
from phones.listing.filters import NumberFilters
from phones.listing.queues import QUEUES
from phones.listing.rows import NumberRow, rows_of, with_labels, with_shown
from phones.models import PhoneNumber
from portal.web.keys import OneOf
from portal.web.keyset import Cursor, Position, SortOrder, position_of
from portal.web.news import mark_of
from portal.web.templatetags.desk import day

# What of a number is news on an open page; not that it was read again and nothing came of it.
TELLING = (
    *("display_phone_number", "verified_name", "new_display_name", "waba_id", "missing_since", "gone_at"),
    *("stage", "move", "next_action", "registration_deadline", "messaging_limit", "throughput", "account_mode"),
    *("status", "code_verification_status", "name_status", "new_name_status", "quality_rating", "platform_type"),
    *("may_send", "is_official_business_account", "is_pin_enabled", "username_state", "profile_state", "calling_state"),
)
# Facts of a number that no column shows, and that are long.
_NOT_SHOWN = ("webhook_configuration", "former_names", "search_text")


class NumberList(DeskList[NumberRow]):
    """The numbers of one address. Up to `counted` matching ones are found first and sorted then.

    Beyond that the sort is walked.
    """

    name = "numbers"
    model = PhoneNumber
    route = "phones:list"
    filter_set = NumberFilters
    columns = tuple(COLUMNS.values())
    orders = ORDERS
    usual_order = STANDARD_ORDER
    page_sizes = (50, 100, 200)
    counted = 10_000
    telling = TELLING

    def prepare(self, rows: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        return with_shown(rows.defer(*_NOT_SHOWN), self.person, self.order)

    def of_keys(self, keys: Sequence[int]) -> QuerySet[PhoneNumber]:
        """Where they are sorted by age, it is the ages that have these keys: so only the first numbers are read."""
        if self.order.path == AGE:
            return PhoneNumber.objects.filter(OneOf(keys, "age"))
        return super().of_keys(keys)

    def rows_of(self, found: Sequence[PhoneNumber]) -> list[NumberRow]:
        rows = rows_of(found, self.person)
        if any(column.name == "labels" for column in self.shown_columns()):
            rows = with_labels(rows, self.person)
        return [replace(row, trail=self.trail_of(row.number)) for row in rows] if self.is_narrowed else rows

    @property
    def mark(self) -> str:
        """Of what stands in the rows beside the number too: whose it is, and its labels where they are shown."""
        return mark_of([*self.told(row.number), *_beside(row)] for row in self.rows)

    def trail_of(self, number: PhoneNumber) -> str:
        """What the address of a number's page ends in when it is opened from here: this list, behind the number."""
        return self.trail_at(position_of(number, self.order))

    def trail_at(self, position: Position) -> str:
        """The same for the number at this place."""
        return trail_to(str(self.at(Cursor(position))))

    def in_words(self, row: NumberRow) -> str:
        number, by = row.number, row.number.registration_deadline
        said = (str(number), number.verified_name, row.waba.client.name, f"register by {day(by)}" if by else "")
        return " · ".join(filter(None, said))

    @property
    def default_order(self) -> SortOrder:
        """That of the queue, when the address asks for one. A search shows what is still listed before what is not.

        Meta gives a number that is added anew a new id, and the old one stays on the desk.
        """
        named = [QUEUES[name] for name in dict.fromkeys(self.data.getlist("queue")) if name in QUEUES]
        if len(named) == 1:
            return order_named(named[0].order)
        return replace(self.usual_order, last="missing_since") if self.typed else self.usual_order

    @property
    def standard_columns(self) -> Sequence[NumberColumn]:
        return STANDARD

    def shown_columns(self) -> Sequence[NumberColumn]:
        return cast("Sequence[NumberColumn]", super().shown_columns())

    @property
    def is_selectable(self) -> bool:
        return roles.role_of(self.person) is not None

    @property
    def chosen_address(self) -> str:
        return reverse("phones:bulk-plan")


def _beside(row: NumberRow) -> Sequence[object]:
    waba, client = row.waba, row.waba.client
    return waba.pk, waba.name, client.name, client.owner_id, client.cover_id, [label.name for label in row.labels]


def trail_to(address: str) -> str:
    """The end of a page's address that names the list it was opened from."""
    return f"?{urlencode({'from': address})}"
