"""One answer to each question about a number: registered? verified? out of sight? Pure: no ORM, no HTTP, no clock.

Whoever decides something about a number asks here and compares none of Graph's values itself. What follows from the
answers is in `phones.numbers.lifecycle`; as conditions of the database the rules are in `phones.numbers.conditions`.
What Graph did not return is neither yes nor no. Rules of Meta's, with their page in graph-api.md: "registered" is
CONNECTED and CLOUD_API (1.5); the code status matters only before registration (1.4); a number has 14 days from
Embedded Signup, 90 when it came from a pre-verified pool (3.1, 5).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

from phones.numbers import clocks

if TYPE_CHECKING:
    from phones.models import PhoneNumber
    from phones.numbers.lifecycle import Facts

    Number: TypeAlias = Facts | PhoneNumber

CONNECTED, CLOUD_API, ON_NO_PLATFORM = "CONNECTED", "CLOUD_API", "NOT_APPLICABLE"
UNREGISTERED = frozenset({"PENDING", "UNVERIFIED"})
DISCONNECTED = frozenset({"DISCONNECTED", "OFFLINE", "UNLINKED"})
RESTRICTED = frozenset({"BANNED", "RESTRICTED", "RATE_LIMITED", "FLAGGED"})
LEFT = frozenset({"DELETED", "MIGRATED"})

VERIFIED = "VERIFIED"
NOT_VERIFIED = frozenset({"NOT_VERIFIED", "UNVERIFIED"})
LAPSED = "EXPIRED"

NAME_ACCEPTED = frozenset({"APPROVED", "AVAILABLE_WITHOUT_REVIEW"})
NAME_REFUSED = frozenset({"DECLINED", "REJECTED"})
NAME_WITHOUT_CERTIFICATE = frozenset({"EXPIRED", "NONE"})
NAME_IN_REVIEW = frozenset({"PENDING_REVIEW", "DEFERRED"})


class Ownership(Protocol):
    """What tells whether ownership is proven: the facts or the row of a number, or of a pre-verified one."""

    @property
    def code_verification_status(self) -> str | None: ...


def reported_registered(number: Number) -> bool | None:
    """Whether Graph says the number is registered for Cloud API; None when it returned too little to tell.

    It takes both fields to say yes (Meta: "status" and "platform_type"), and either of them to say no.
    """
    if number.status not in {None, CONNECTED} or number.platform_type not in {None, CLOUD_API}:
        return False
    return None if None in {number.status, number.platform_type} else True


def is_registered(number: Number) -> bool:
    return reported_registered(number) is True


def is_disconnected(number: Number) -> bool:
    """Whether it was connected and is no more. Its time to register does not count then."""
    return number.status in DISCONNECTED


def is_verified(number: Ownership) -> bool:
    return number.code_verification_status == VERIFIED


def is_unverified(number: Ownership) -> bool:
    """Whether Graph says that ownership is not proven, or no longer. Neither this nor verified: it can't be told."""
    return number.code_verification_status in NOT_VERIFIED | {LAPSED}


def is_out_of_sight(number: Number) -> bool:
    """Whether the number is on no WABA that we see, so that nothing can be done to it."""
    return number.missing_since is not None or number.status in LEFT


def came_by_signup(number: Number) -> bool:
    """Whether its client signed up for it; else it was added by hand, in WhatsApp Manager or from the desk."""
    return number.signup_at is not None or number.last_onboarded_time is not None


def may_be_registered(number: Number) -> bool:
    """Whether it stands before its registration: added, or reported live and registered nowhere."""
    return number.status in UNREGISTERED or (number.status == CONNECTED and number.platform_type == ON_NO_PLATFORM)


def is_added_outside(number: Number) -> bool:
    """Whether it was added by hand and waits for its first code."""
    is_new = may_be_registered(number) and number.code_verification_status in NOT_VERIFIED
    return is_new and not came_by_signup(number)


def is_new_name_waiting(number: Number) -> bool:
    """Whether a requested name may be used and is not the one that people see: registering again makes it live."""
    is_live = number.new_display_name is not None and number.new_display_name == number.verified_name
    return number.new_name_status in NAME_ACCEPTED and not is_live


def registration_deadline(number: Number) -> datetime | None:
    """Until when a number that signed up must be registered; None when no signup is known.

    A second signup gives the time anew, so the latest that we or Meta know of counts.
    """
    start = max((at for at in (number.signup_at, number.last_onboarded_time) if at is not None), default=None)
    if start is None:
        return None
    return start + (clocks.PREVERIFIED_WINDOW if number.is_preverified_number else clocks.SIGNUP_WINDOW)


def has_missed_window(number: Number, *, now: datetime) -> bool:
    """Whether its time to register has passed, so that Meta takes it only after another signup."""
    if is_registered(number) or is_disconnected(number):
        return False
    return clocks.has_passed(registration_deadline(number), now=now)
