"""What Meta has ended or will end, as dated rows: versions of Graph API and of Embedded Signup, and fields.

Looked up by a person and written down here, because Graph tells none of it to programs. Pure.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LOOKED_UP = date(2026, 11, 28)
# What ends within so many days is warned of.
SOON_DAYS = 90
# The desk opens the dialog without a version, which stands for this one (docs/onboarding.md, "Signup").
SIGNUP_VERSION = "v4"

_CHANGELOG = "https://developers.facebook.com/docs/graph-api/changelog"
_META = "https://developers.facebook.com/documentation/business-messaging/whatsapp"
_SIGNUP = f"{_META}/embedded-signup/versions"


class Of(StrEnum):
    GRAPH = "graph"
    SIGNUP = "signup"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Ending:
    """One thing of Meta's with its end. `ends` None: Meta has announced none, or no day; `said` is how it put it then.

    `is_used`: the desk relies on it, whatever the settings say; `copes`: what the desk does about the end.
    """

    of: Of
    name: str
    source: str
    since: date | None = None
    ends: date | None = None
    said: str = ""
    is_used: bool = False
    copes: str = ""

    def days_left(self, today: date) -> int | None:
        """Whole days until the end, negative after it; None where no end is known."""
        return None if self.ends is None else (self.ends - today).days


GRAPH_VERSIONS = (
    Ending(Of.GRAPH, "v27.0", _CHANGELOG, date(2026, 11, 4)),
    Ending(Of.GRAPH, "v26.0", _CHANGELOG, date(2026, 7, 29)),
    Ending(Of.GRAPH, "v25.0", _CHANGELOG, date(2026, 2, 18), date(2028, 7, 29)),
    Ending(Of.GRAPH, "v24.0", _CHANGELOG, date(2025, 10, 8), date(2028, 2, 18)),
    Ending(Of.GRAPH, "v23.0", _CHANGELOG, date(2025, 5, 29), date(2027, 10, 8)),
    Ending(Of.GRAPH, "v22.0", _CHANGELOG, date(2025, 1, 21), date(2027, 5, 20)),
    Ending(Of.GRAPH, "v21.0", _CHANGELOG, date(2024, 10, 2), date(2027, 1, 21)),
    Ending(Of.GRAPH, "v20.0", _CHANGELOG, date(2024, 5, 21), date(2026, 9, 24)),
)
SIGNUP_VERSIONS = (
    Ending(Of.SIGNUP, "v4-public-preview", _SIGNUP, date(2026, 5, 12)),
    Ending(Of.SIGNUP, "v4", _SIGNUP, date(2025, 10, 8)),
    Ending(Of.SIGNUP, "v3-public-preview", _SIGNUP, date(2025, 8, 14), date(2026, 10, 31), "October 2026"),
    Ending(Of.SIGNUP, "v3", _SIGNUP, date(2025, 5, 29), date(2026, 10, 31), "October 2026"),
    Ending(Of.SIGNUP, "v2-public-preview", _SIGNUP, date(2025, 8, 14), date(2026, 10, 31), "October 2026"),
    Ending(Of.SIGNUP, "v2", _SIGNUP, date(2023, 1, 1), date(2026, 10, 15)),
)
FIELDS = (
    Ending(
        Of.FIELD,
        "/{phone number id}/…",
        f"{_META}/account-model-evolution",
        ends=date(2028, 1, 1),
        said="first half of 2028, phase 3 of the account model",
        is_used=True,
        copes="Calls about a number have its id in the address. All ids that signups name are kept already.",
    ),
    Ending(
        Of.FIELD,
        "messaging_limit_tier",
        f"{_META}/messaging-limits",
        said="deprecated, no day told",
        copes="whatsapp_business_manager_messaging_limit is asked for.",
    ),
    Ending(
        Of.FIELD,
        "current_limit",
        f"{_META}/webhooks/reference/phone_number_quality_update",
        ends=date(2026, 2, 28),
        said="February 2026",
        copes="Of the event phone_number_quality_update. max_daily_conversations_per_business is read beside it.",
    ),
    Ending(
        Of.FIELD,
        "max_daily_conversation_per_phone",
        f"{_META}/webhooks/reference/business_capability_update/",
        ends=date(2026, 2, 28),
        said="February 2026",
        copes="Of the event business_capability_update. max_daily_conversations_per_business is read beside it.",
    ),
)


def graph_version(name: str) -> Ending | None:
    """The row of a version of Graph API; None for one that is older or newer than these rows."""
    return next((one for one in GRAPH_VERSIONS if one.name == name), None)


def is_older_than_all(name: str) -> bool:
    """Whether a version of Graph API is older than each of these rows: the oldest has ended, and this one before it."""
    return 0 < _major(name) < min(_major(one.name) for one in GRAPH_VERSIONS)


def _major(name: str) -> int:
    found = re.fullmatch(r"v([0-9]{1,3})\.[0-9]{1,3}", name)
    return int(found[1]) if found else 0
