"""The columns of the numbers list: what each is called, how it sorts, and which piece of template shows it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from portal.web.keyset import SortOrder

# Annotations that `phones.listing.rows` makes, and the fact of a WABA behind each.
SHOWN_FACTS = {"shown_client": "client__name", "shown_waba": "name", "shown_waba_id": "waba_id"}


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is Graph's, or the CSV's. `piece` names the template of its cells; without one they are a status in words.

    `standard`: shown until somebody chooses otherwise. `wide`: left out on narrow screens. `order`: the sort behind the
    column's head, if it has one.
    """

    name: str
    label: str
    piece: str = ""
    standard: bool = False
    wide: bool = True
    order: str = ""

    @property
    def template(self) -> str:
        """The template of its cells, if it has one of its own."""
        return f"listing/cells/{self.piece}.html" if self.piece else ""


FIRST = Column("display_phone_number", "Number", "number", standard=True, wide=False, order="display_phone_number")

_ALL = [
    FIRST,
    Column("client", "Client", "client", standard=True, order="client"),
    Column("status", "Connection", "connection", order="status"),
    Column("stage", "Stage", standard=True, wide=False, order="stage"),
    Column("next_action", "Next", "next", standard=True),
    Column("registration_deadline", "Register by", "deadline", standard=True, order="registration_deadline"),
    Column("code_verification_status", "One-time code", order="code_verification_status"),
    Column("name_status", "Name review", standard=True, order="name_status"),
    Column("new_name_status", "Requested name", "requested", order="new_name_status"),
    Column("quality_rating", "Quality", standard=True, order="quality_rating"),
    Column("messaging_limit", "Messaging limit", order="messaging_limit"),
    Column("throughput", "Throughput", order="throughput"),
    Column("account_mode", "Mode", order="account_mode"),
    Column("platform_type", "Platform", order="platform_type"),
    Column("is_official_business_account", "Official", "flag"),
    Column("is_pin_enabled", "PIN", "flag"),
    Column("last_onboarded_time", "Signed up", "time", order="last_onboarded_time"),
    Column("first_seen_at", "First seen", "time", order="first_seen_at"),
    Column("phone_number_id", "Number id", "id", order="phone_number_id"),
    Column("synced_at", "Age", "age", standard=True, order="synced_at"),
]
COLUMNS = {column.name: column for column in _ALL}
STANDARD = [column for column in _ALL if column.standard]

_TIME = datetime.datetime
_ORDERS = [
    SortOrder("display_phone_number", "digits", optional=False, blank_is_missing=True),
    SortOrder("phone_number_id", "phone_number_id", optional=False),
    SortOrder("client", "shown_client", optional=False),
    SortOrder("waba_name", "shown_waba", optional=False, blank_is_missing=True),
    SortOrder("waba_id", "shown_waba_id", optional=False),
    SortOrder("last_onboarded_time", "last_onboarded_time", _TIME),
    SortOrder("first_seen_at", "first_seen_at", _TIME, optional=False),
    SortOrder("synced_at", "synced_at", _TIME, optional=False),
    SortOrder("registration_deadline", "registration_deadline", _TIME),
    SortOrder("stage", "stage", optional=False, blank_is_missing=True),
    SortOrder("is_official_business_account", "is_official_business_account", bool),
    SortOrder("is_pin_enabled", "is_pin_enabled", bool),
    *(
        SortOrder(field, field)
        for field in (
            "verified_name",
            "status",
            "code_verification_status",
            "name_status",
            "new_name_status",
            "quality_rating",
            "platform_type",
            "throughput",
            "account_mode",
            "messaging_limit",
        )
    ),
]
ORDERS = {order.name: order for order in _ORDERS}

# The newest signups first, as in WhatsApp Manager: theirs are the clocks that run.
STANDARD_ORDER = ORDERS["last_onboarded_time"].reversed()


def order_named(text: str) -> SortOrder | None:
    """The sort that an address means by `text` ("status", "-status"); None when there is none of that name."""
    order = ORDERS.get(text.removeprefix("-"))
    return order.reversed() if order and text.startswith("-") else order


def columns_named(names: Iterable[str]) -> list[Column]:
    """The columns of these names, in the list's order, led by the number; the standard ones when none is known."""
    wanted = {name for text in names for name in text.split(",")}
    chosen = [column for column in _ALL if column.name in wanted and column is not FIRST]
    return [FIRST, *chosen] if chosen else STANDARD
