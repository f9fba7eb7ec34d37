"""What lists say of a number's username, profile and calling, from what Graph said of them. Pure.

None stands for "could not tell", which is never taken for a no.
"""

from collections.abc import Collection, Mapping
from typing import Any

from phones.numbers.profile import FIELDS, NO_VERTICAL

PICTURE = "profile_picture_url"
HAS_USERNAME, PENDING_USERNAME, NO_USERNAME = "has", "pending", "none"
COMPLETE, INCOMPLETE = "yes", "no"
CALLING_ON, CALLING_OFF = "on", "off"
# Graph's `status` of a username; one that is approved may come without.
_USERNAMES = {"approved": HAS_USERNAME, "": HAS_USERNAME, "reserved": PENDING_USERNAME}
_SWITCHES = {"enabled": CALLING_ON, "disabled": CALLING_OFF}


def username_state(values: Mapping[str, Any]) -> str | None:
    """Whether people see a username, by the values of the `username` edge. A status that nobody knows says nothing."""
    if not values.get("username"):
        return NO_USERNAME
    return _USERNAMES.get(str(values.get("status") or "").lower())


def calling_state(values: Mapping[str, Any]) -> str | None:
    """Whether the number takes calls, from the values of the `settings` edge."""
    calling = values.get("calling")
    return _SWITCHES.get(str(calling.get("status", "")).lower()) if isinstance(calling, Mapping) else None


def profile_state(values: Mapping[str, Any], asked: Collection[str]) -> str | None:
    """Whether a profile has everything that people see of it; `asked` are the fields that Graph answered.

    One empty field is enough for a no. For a yes every field, and the picture, must have been answered.
    """
    needed = (*FIELDS, PICTURE)
    if any(name in asked and not _is_filled(name, values.get(name)) for name in needed):
        return INCOMPLETE
    return COMPLETE if all(name in asked for name in needed) else None


def _is_filled(name: str, value: object) -> bool:
    return bool(value) and not (name == "vertical" and value == NO_VERTICAL)
