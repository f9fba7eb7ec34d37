"""The list that a person came to a number from: the way back to it, and the number that follows there.

It travels in the address and in forms as the list's own address, at the place behind the number. What is given is read
as an address of the list and made anew from that, so that it leads nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from phones.listing.queues import QUEUES
from phones.listing.selection import NumberList, trail_to
from phones.views.request import DeskRequest
from portal.web.addresses import Address
from portal.web.following import following
from portal.web.keyset import Position, position_of, walk
from portal.web.listing import COUNTED_TO

FIELD = "from"
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class NextNumber:
    """The number that follows, and which of how many it is; 0 where there are too many to count."""

    address: str
    place: int
    count: int


class Trail:
    """The list at the place behind the number that the page is about."""

    def __init__(self, numbers: NumberList) -> None:
        self.numbers = numbers

    @property
    def address(self) -> str:
        return str(self.numbers.here)

    @property
    def query(self) -> str:
        return trail_to(self.address)

    @property
    def back(self) -> Address:
        return self.numbers.address

    @property
    def label(self) -> str:
        chosen = self.numbers.address.values("queue")
        return QUEUES[chosen[0]].label if len(chosen) == 1 and chosen[0] in QUEUES else "the list"

    @cached_property
    def next(self) -> NextNumber | None:
        """None at the end of the list. The number itself may have left the list meanwhile; its place stays."""
        numbers = self.numbers
        if numbers.cursor is None:
            return None
        # The conditions stand in the one statement that finds the list.
        numbers.filters.reads_ahead = False
        rows, order, start = numbers.whole(), numbers.order, numbers.cursor.position
        found, are_few = following(
            rows, order, start, "phone_number_id", limit=min(COUNTED_TO, numbers.filters.counted_at_most or COUNTED_TO)
        )
        if found is not None:
            (phone_number_id,) = found.columns
            return self._at(phone_number_id, found.position, found.place, found.count)
        behind = [] if are_few else walk(rows, order, start, limit=1, few=bool(order.ranks))
        return self._at(behind[0].phone_number_id, position_of(behind[0], order)) if behind else None

    def _at(self, phone_number_id: str, position: Position, place: int = 0, count: int = 0) -> NextNumber:
        address = reverse("phones:number", args=[phone_number_id])
        return NextNumber(address + self.numbers.trail_at(position), place, count)


def trail_of(request: DeskRequest) -> Trail | None:
    """The list that the address or the form names; None when it names none of ours."""
    given = request.POST.get(FIELD) or request.GET.get(FIELD, "")
    if not given or len(given) > _LONGEST:
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path != reverse("phones:list"):
        return None
    return Trail(NumberList(QueryDict(parts.query), request.user))


def with_trail(address: str, trail: Trail | None) -> str:
    return address + trail.query if trail is not None else address
