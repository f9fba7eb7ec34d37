"""Which words and which tone say what Graph returned. Pure: the tables are in `phones.choices`.

What a number needs next is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phones.choices import NOT_RETURNED, STATUSES, Status, Tone
from phones.numbers.lifecycle import is_registered

if TYPE_CHECKING:
    from phones.models import PhoneNumber


def describe(field: str, value: str | None) -> Status:
    """The words for `value` of the number's `field`. A value that no table knows is its own label, in neutral tone."""
    if value is None:
        return NOT_RETURNED
    known = STATUSES.get(field, {}).get(value)
    return known or Status(value, Tone.NONE, "Shown as Meta sent it: the desk has no words for this value yet.")


# "Connected" alone proves nothing: only on Cloud API is the number registered.
_CONNECTED_NOT_REGISTERED = Status(
    "Connected, not registered", Tone.ACT, "Meta reports it connected and on no platform that can send: register it."
)
_CONNECTED_SOMEHOW = Status(
    "Connected", Tone.NONE, "Meta did not say on which platform, so whether it can send is not known."
)


def describe_of(number: PhoneNumber, field: str) -> Status:
    """The words for `field` of `number`, beside what else is known of it.

    A registered number's code verification very often reads EXPIRED or NOT_VERIFIED. It mattered before the
    registration only, so nothing is asked of anybody for it. A requested name that is the displayed one by now is live.
    A number that is connected without being on Cloud API is not registered, and not green.
    """
    told = describe(field, getattr(number, field))
    if field == "status" and number.status == "CONNECTED" and number.platform_type != "CLOUD_API":
        return _CONNECTED_NOT_REGISTERED if number.platform_type else _CONNECTED_SOMEHOW
    if told.tone != Tone.ACT:
        return told
    if field == "code_verification_status" and is_registered(number):
        return Status(told.label, Tone.NONE, f"{told.meaning} The number is registered, so this no longer matters.")
    if field == "new_name_status" and number.new_display_name and number.new_display_name == number.verified_name:
        return Status("Live", Tone.OK, "The requested name is the one that people see.")
    return told
