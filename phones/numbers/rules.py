"""One answer to each question about a number: registered? verified? out of sight? Pure: no ORM, no HTTP, no clock.

Whoever decides something about a number asks here and compares none of Graph's values itself. What follows from the
answers is in `phones.numbers.lifecycle`; as conditions of the database the rules are in `phones.numbers.conditions`.
What Graph did not return is neither yes nor no. Whether a number is verified, registered and may send are three
questions with three answers (graph-api.md 1.5). The code status matters only before registration (1.4); a number has
14 days from Embedded Signup for its first registration, 90 when it came from a pre-verified pool (3.1, 5).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from phones.numbers import clocks

if TYPE_CHECKING:
    from phones.models import PhoneNumber
    from phones.numbers.lifecycle import Facts

    Number: TypeAlias = Facts | PhoneNumber

CONNECTED, CLOUD_API, ON_NO_PLATFORM, ON_PREMISE = "CONNECTED", "CLOUD_API", "NOT_APPLICABLE", "ON_PREMISE"
NOT_ON_CLOUD_API = frozenset({ON_NO_PLATFORM, ON_PREMISE})
UNREGISTERED = frozenset({"PENDING", "UNVERIFIED"})
DISCONNECTED = frozenset({"DISCONNECTED", "OFFLINE", "UNLINKED"})
BANNED = "BANNED"
# Such a number still sends, or answers at least.
LIMITED = frozenset({"RESTRICTED", "RATE_LIMITED", "FLAGGED"})
RESTRICTED = LIMITED | {BANNED}
LIVE = LIMITED | {CONNECTED}
LEFT = frozenset({"DELETED", "MIGRATED"})
# Whatever the platform, a number in such a state is not registered.
NEVER_REGISTERED = UNREGISTERED | DISCONNECTED | LEFT

VERIFIED = "VERIFIED"
NOT_VERIFIED = frozenset({"NOT_VERIFIED", "UNVERIFIED"})
LAPSED = "EXPIRED"

NAME_ACCEPTED = frozenset({"APPROVED", "AVAILABLE_WITHOUT_REVIEW"})
NAME_REFUSED = frozenset({"DECLINED", "REJECTED"})
NAME_WITHOUT_CERTIFICATE = frozenset({"EXPIRED", "NONE"})
NAME_IN_REVIEW = frozenset({"PENDING_REVIEW", "DEFERRED"})
# Meta has no review of the name, and documents nothing of what follows.
NAME_WITHOUT_REVIEW = "NON_EXISTS"

# Refusals of a registration after which a new PIN is what helps.
PIN_REFUSED = frozenset({"pin_mismatch", "pin_guesses_exceeded"})
CODE_WANTED, CERTIFICATE_MISSING = "not_verified", "certificate_error"


class MaySend(StrEnum):
    """Whether a number may send messages. LIMITED: it may, or only answers. UNKNOWN: Meta returned too little."""

    YES = "yes"
    LIMITED = "limited"
    NO = "no"
    UNKNOWN = "unknown"


_WORST_FIRST = (MaySend.NO, MaySend.UNKNOWN, MaySend.LIMITED, MaySend.YES)


class Platform(Protocol):
    """What tells whether a number is registered: its facts, its row, or a part of its row."""

    @property
    def status(self) -> str | None: ...

    @property
    def platform_type(self) -> str | None: ...


class Ownership(Protocol):
    """What tells whether ownership is proven: the facts or the row of a number, or of a pre-verified one."""

    @property
    def code_verification_status(self) -> str | None: ...


def on_cloud_api(number: Platform) -> bool | None:
    """Whether Graph says that the number is on Cloud API; None when it named no platform, or one that nobody knows."""
    if number.platform_type == CLOUD_API:
        return True
    return False if number.platform_type in NOT_ON_CLOUD_API else None


def reported_registered(number: Platform) -> bool | None:
    """Whether Graph says the number is registered for Cloud API; None when it returned too little to tell.

    The platform says it. Flagged, restricted or banned, a number stays registered; some states say that it is not.
    """
    return False if number.status in NEVER_REGISTERED else on_cloud_api(number)


def is_registered(number: Platform) -> bool:
    return reported_registered(number) is True


def may_send(facts: Facts) -> MaySend:
    """Whether the number may send, by its own state and by what troubles it from elsewhere: the worst counts."""
    if facts.status in LEFT:
        return MaySend.NO
    if facts.missing_since is not None or not facts.readable:
        return MaySend.UNKNOWN
    elsewhere = facts.trouble.may_send if facts.trouble is not None else MaySend.YES
    return worst(_may_send_by_itself(facts), elsewhere)


def worst(*answers: MaySend) -> MaySend:
    """The answer that stands where several things decide whether a number may send."""
    return min(answers, key=rank_of)


def rank_of(answer: MaySend) -> int:
    """The place of an answer among all of them, 0 for the worst."""
    return _WORST_FIRST.index(answer)


def _may_send_by_itself(facts: Facts) -> MaySend:
    if facts.status == BANNED or reported_registered(facts) is False:
        return MaySend.NO
    if not is_registered(facts) or facts.status not in LIVE:
        return MaySend.UNKNOWN
    return MaySend.LIMITED if facts.status in LIMITED else MaySend.YES


def seems_in_service(number: Platform) -> bool:
    """Whether it is registered, or looks so: in a state of registered numbers, on a platform that Graph does not name.

    Meta's health of it may say that it can't send, which is not left unasked because a fact is missing.
    """
    reported = reported_registered(number)
    return is_registered(number) or (reported is None and number.status in LIVE | {BANNED})


def is_stopped(number: PhoneNumber) -> bool:
    """Whether it is in service and may send nothing: banned, or blocked with its WABA, its business or our app."""
    return seems_in_service(number) and number.may_send == MaySend.NO


def is_disconnected(number: Number) -> bool:
    """Whether it was connected and is no more. Its time to register does not count then."""
    return number.status in DISCONNECTED


def is_verified(number: Ownership) -> bool:
    return number.code_verification_status == VERIFIED


def is_unverified(number: Ownership) -> bool:
    """Whether Graph says that ownership is not proven, or no longer. Neither this nor verified: Graph does not say."""
    return number.code_verification_status in NOT_VERIFIED | {LAPSED}


def is_out_of_sight(number: Number) -> bool:
    """Whether the number is on no WABA that we see, so that nothing can be done to it."""
    return number.missing_since is not None or number.status in LEFT


def came_by_signup(number: Number) -> bool:
    """Whether its client signed up for it; else it was added by hand, in WhatsApp Manager or from the desk."""
    return number.signup_at is not None or number.last_onboarded_time is not None


def may_be_registered(number: Number) -> bool:
    """Whether it stands before its registration: added, or reported live (or limited) and registered nowhere."""
    is_on_no_platform = number.status in LIVE and number.platform_type == ON_NO_PLATFORM
    return number.status in UNREGISTERED or is_on_no_platform


def is_added_outside(number: Number) -> bool:
    """Whether it was added by hand and waits for its first code."""
    is_new = may_be_registered(number) and number.code_verification_status in NOT_VERIFIED
    return is_new and not came_by_signup(number)


def is_new_name_waiting(number: Number) -> bool:
    """Whether a requested name may be used and is not the one that people see: registering again makes it live."""
    is_live = number.new_display_name is not None and number.new_display_name == number.verified_name
    return number.new_name_status in NAME_ACCEPTED and not is_live


def has_blocking_name(number: Number) -> bool:
    """Whether it can't be registered with its name. One that was approved since goes live with the registration."""
    blocks = number.name_status in NAME_REFUSED | NAME_WITHOUT_CERTIFICATE
    return blocks and not is_new_name_waiting(number)


def wants_code(facts: Facts) -> bool:
    """Whether a one-time code helps: it is not verified, or Meta refused to register it without a new code.

    Where Graph does not say whether it is verified, that is not known, and the answer is no.
    """
    return facts.registration_refused == CODE_WANTED or (is_unverified(facts) and not is_registered(facts))


def waits_to_show(facts: Facts, *, now: datetime) -> bool:
    """Whether Meta took the registration a while ago and Graph does not show it yet: a second one is not the answer."""
    at = facts.registration_accepted_at
    return at is not None and not is_registered(facts) and not clocks.has_passed(at + clocks.SHOWS_WITHIN, now=now)


def signup_deadline(facts: Facts) -> datetime | None:
    """Until when a number that signed up must be registered; None when no signup is known.

    A second signup gives the time anew, so the latest that we or Meta know of counts.
    """
    start = _signed_up(facts)
    if start is None:
        return None
    return start + (clocks.PREVERIFIED_WINDOW if facts.is_preverified_number else clocks.SIGNUP_WINDOW)


def _signed_up(facts: Facts) -> datetime | None:
    return max((at for at in (facts.signup_at, facts.last_onboarded_time) if at is not None), default=None)


def registration_deadline(facts: Facts, *, now: datetime) -> datetime | None:
    """The same, for who is bound by it: only the first registration after a signup is.

    Where the time is over and the number was registered before that signup, nothing is known of what Meta does.
    """
    deadline, before = signup_deadline(facts), facts.registered_before
    if deadline is None or before is None:
        return deadline
    signed_up = _signed_up(facts)
    is_used = signed_up is not None and before >= signed_up
    return None if is_used or clocks.has_passed(deadline, now=now) else deadline


def has_missed_window(facts: Facts, *, now: datetime) -> bool:
    """Whether its time to register has passed, so that Meta takes it only after another signup."""
    if is_registered(facts) or is_disconnected(facts):
        return False
    return clocks.has_passed(registration_deadline(facts, now=now), now=now)
