"""The columns of the numbers list: what each is called, how it sorts, and how its cells are made."""

from dataclasses import dataclass
from datetime import datetime

from phones.choices import STATUSES, Tone
from portal.web.keyset import SortOrder
from portal.web.list_parts import Column

# Annotations that `phones.listing.rows` makes, and the fact of a WABA behind each.
SHOWN_FACTS = {"shown_client": "client__name", "shown_waba": "name", "shown_waba_id": "waba_id"}


# Likewise, of how old what is said of a number is.
AGE = "known_as_of"


@dataclass(frozen=True, slots=True)
class NumberColumn(Column):
    """`name` is Graph's, or the CSV's. `piece` says how its cells are made; without one they are a status in words.

    `standard`: shown until somebody chooses otherwise. Wide columns are left out of the cards of narrow screens.
    """

    css: str = "wide"
    piece: str = ""
    standard: bool = False


FIRST = NumberColumn("display_phone_number", "Number", "", "display_phone_number", "number", standard=True)

_ALL = [
    FIRST,
    NumberColumn("client", "Client", css="", order="client", piece="client", standard=True),
    NumberColumn("owner", "Account manager", piece="owner"),
    NumberColumn("cover", "Cover", piece="cover"),
    NumberColumn("labels", "Labels", piece="labels"),
    NumberColumn("status", "Connection", order="status", piece="connection"),
    NumberColumn("stage", "Stage", css="", order="stage", standard=True),
    NumberColumn("may_send", "May send", order="may_send"),
    NumberColumn("registered", "Registered", piece="registered"),
    NumberColumn("next_action", "Next", css="", piece="next", standard=True),
    NumberColumn("registration_deadline", "Register by", "", "registration_deadline", piece="deadline", standard=True),
    NumberColumn("code_verification_status", "One-time code", order="code_verification_status"),
    NumberColumn("name_status", "Name review", order="name_status", standard=True),
    NumberColumn("new_name_status", "Requested name", order="new_name_status", piece="requested"),
    NumberColumn("quality_rating", "Quality", order="quality_rating", standard=True),
    NumberColumn("messaging_limit", "Messaging limit", order="messaging_limit"),
    NumberColumn("throughput", "Throughput", order="throughput"),
    NumberColumn("account_mode", "Mode", order="account_mode"),
    NumberColumn("platform_type", "Platform", order="platform_type"),
    NumberColumn("is_official_business_account", "Official", piece="flag"),
    NumberColumn("username", "Username", piece="trait"),
    NumberColumn("profile", "Profile", piece="trait"),
    NumberColumn("calling", "Calls", piece="trait"),
    NumberColumn("is_pin_enabled", "PIN", piece="flag"),
    NumberColumn("last_onboarded_time", "Signed up", order="last_onboarded_time", piece="time"),
    NumberColumn("first_seen_at", "First seen", order="first_seen_at", piece="time"),
    NumberColumn("phone_number_id", "Number id", order="phone_number_id", piece="id"),
    NumberColumn("synced_at", "Age", order="synced_at", piece="age", standard=True),
]
COLUMNS = {column.name: column for column in _ALL}
STANDARD = [column for column in _ALL if column.standard]

_URGENT_FIRST = (Tone.BAD, Tone.WARN, Tone.ACT, Tone.WAIT, Tone.OK)
_NEWEST = ("oldest first", "newest first")
_WORST = ("worst first", "best first")
_LOWEST = ("lowest first", "highest first")
_YES = ("no first", "yes first")
# Known values that say that there is none: they stand behind the others both ways.
_NONE_SET = {"UNTIERED", "TIER_NOT_SET", "NOT_APPLICABLE"}


def _ranked(field: str, *, ways: tuple[str, str] = _WORST, blank_is_missing: bool = False) -> SortOrder:
    """Sorted by what the values mean: by the urgency of their tones, or as their table has them where none has a tone.

    Where some have a tone, those without one, such as "not rated", stand behind the others.
    """
    table = STATUSES[field]
    toned = [value for tone in _URGENT_FIRST for value, status in table.items() if status.tone == tone]
    ranks = toned or [value for value in table if value not in _NONE_SET]
    return SortOrder(
        field, field, optional=not blank_is_missing, blank_is_missing=blank_is_missing, ranks=tuple(ranks), ways=ways
    )


_ORDERS = [
    SortOrder("display_phone_number", "digits", optional=False, blank_is_missing=True, ways=_LOWEST),
    SortOrder("phone_number_id", "phone_number_id", optional=False, ways=_LOWEST),
    SortOrder("verified_name", "verified_name"),
    SortOrder("client", "shown_client", optional=False, is_of_no_index=True),
    SortOrder("waba_name", "shown_waba", optional=False, blank_is_missing=True, is_of_no_index=True),
    SortOrder("waba_id", "shown_waba_id", optional=False, ways=_LOWEST, is_of_no_index=True),
    SortOrder("last_onboarded_time", "last_onboarded_time", datetime, ways=_NEWEST),
    SortOrder("first_seen_at", "first_seen_at", datetime, optional=False, ways=_NEWEST),
    SortOrder("synced_at", AGE, datetime, optional=False, ways=_NEWEST),
    SortOrder("missing_since", "missing_since", datetime, ways=_NEWEST),
    SortOrder(
        "registration_deadline",
        "registration_deadline",
        datetime,
        ways=("soonest first", "latest first"),
        soonest_first=True,
    ),
    SortOrder("is_official_business_account", "is_official_business_account", bool, ways=_YES),
    SortOrder("is_pin_enabled", "is_pin_enabled", bool, ways=_YES),
    _ranked("stage", blank_is_missing=True),
    _ranked("status"),
    _ranked("code_verification_status"),
    _ranked("name_status"),
    _ranked("new_name_status"),
    _ranked("quality_rating"),
    _ranked("platform_type"),
    _ranked("throughput", ways=_LOWEST),
    _ranked("account_mode", ways=("live first", "sandbox first")),
    _ranked("messaging_limit", ways=_LOWEST),
    _ranked("may_send"),
]
ORDERS = {order.name: order for order in _ORDERS}

# The newest signups first, as in WhatsApp Manager: theirs are the clocks that run.
STANDARD_ORDER = ORDERS["last_onboarded_time"].reversed()


def order_named(name: str) -> SortOrder:
    """The sort that an address calls so; a dash in front turns it round."""
    order = ORDERS[name.removeprefix("-")]
    return order.reversed() if name.startswith("-") else order
