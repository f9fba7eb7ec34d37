"""From a pool number's facts to where it stands, what comes next, and until when. Pure: no ORM, no HTTP, no clock.

It claims nothing that the facts do not say: what Graph did not return is unknown, never good. The lengths are Meta's
(graph-api.md, section 5); when a clock begins to press is the desk's choice.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-verified-numbers
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from phones.choices import Tone
from phones.numbers.clocks import PREVERIFIED_WINDOW, has_passed, is_code_good
from phones.numbers.rules import LAPSED, NOT_VERIFIED, VERIFIED

VALIDITY = timedelta(days=90)
RENEWABLE = timedelta(days=45)
UNVERIFIED_STAY = timedelta(days=90)
# The pool's own: a number that is a client's presses later (`phones.numbers.clocks`).
PRESSING = timedelta(days=14)


class PoolState(StrEnum):
    """Where a number stands. Those that are `OVER` need nothing any more."""

    NEEDS_CODE = "needs_code"
    AVAILABLE = "available"
    RESERVED = "reserved"
    RENEWABLE = "renewable"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    LEAVING = "leaving"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    IN_USE = "in_use"
    GONE = "gone"
    DELETED = "deleted"


OVER = frozenset({PoolState.IN_USE, PoolState.GONE, PoolState.DELETED})


class PoolStep(StrEnum):
    """What the next step is done with; empty where it is not done to the pool."""

    NONE = ""
    READ = "read"
    REQUEST_CODE = "request-code"
    VERIFY_CODE = "verify-code"


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """What is known of a pool number. Graph's values are None where Graph did not return them.

    The rest are the desk's records. `added_at` is None when it was not added from the desk: Graph tells no such time,
    so only `first_seen_at` is known, when it may have been there for long. `is_reserved` while a signup link offers it;
    `code_sent_at` for a code that is still good; `has_open_action` while something done to it waits for Meta's answer.
    Of a claimed number, `is_registered` is None while that is not known, and `register_by` is when its own clock ends,
    if it has one.
    """

    first_seen_at: datetime
    added_at: datetime | None = None
    code_verification_status: str | None = None
    code_verification_time: datetime | None = None
    verification_expiry_time: datetime | None = None
    missing_since: datetime | None = None
    deleted_at: datetime | None = None
    is_reserved: bool = False
    claimed_at: datetime | None = None
    is_registered: bool | None = None
    register_by: datetime | None = None
    code_sent_at: datetime | None = None
    has_open_action: bool = False


@dataclass(frozen=True, slots=True)
class PoolStanding:
    """Where a number stands: `sentence` says what is next, `deadline` when the clock that counts runs out.

    `ends` says in words what happens then; both are empty where no clock runs or where it is not known.
    """

    state: PoolState
    sentence: str
    tone: Tone
    step: PoolStep = PoolStep.NONE
    deadline: datetime | None = None
    ends: str = ""


def expiry(facts: PoolFacts) -> datetime | None:
    """Until when the verification holds: as Graph says, else 90 days from when it was done; None when not known."""
    if facts.verification_expiry_time is not None:
        return facts.verification_expiry_time
    return None if facts.code_verification_time is None else facts.code_verification_time + VALIDITY


def renewable_from(facts: PoolFacts) -> datetime | None:
    """From when on Meta takes a new code for a verification that still holds; None when that is not known."""
    ends = expiry(facts)
    return None if ends is None else ends - RENEWABLE


def is_verified(facts: PoolFacts, *, now: datetime) -> bool:
    """Whether the verification holds at `now`, as far as the facts tell."""
    ends = expiry(facts)
    return facts.code_verification_status == VERIFIED and not has_passed(ends, now=now)


def may_get_code(facts: PoolFacts, *, now: datetime) -> bool:
    """Whether Meta takes a code at `now`: no verification holds, or it has come to its last 45 days."""
    renewable = renewable_from(facts)
    return not is_verified(facts, now=now) or (renewable is not None and renewable <= now)


def standing(facts: PoolFacts, *, now: datetime) -> PoolStanding:
    """Where a number with these facts stands at `now`. Raises nothing, whatever the facts."""
    found = _out_of_the_pool(facts, now) or _in_the_pool(facts, now)
    if facts.has_open_action and found.state not in OVER:
        sentence = "Waiting for Meta’s answer: reading the number settles it."
        return PoolStanding(found.state, sentence, Tone.WAIT, PoolStep.READ, found.deadline, found.ends)
    return found


def _out_of_the_pool(facts: PoolFacts, now: datetime) -> PoolStanding | None:
    if facts.claimed_at is not None:
        return _claimed(facts, now)
    if facts.deleted_at is not None:
        return PoolStanding(PoolState.DELETED, "Deleted from the pool.", Tone.NONE)
    if facts.missing_since is None:
        return None
    sentence = "Meta lists it no more, and none of our clients has it: deleted elsewhere, or claimed out of our sight."
    if facts.code_verification_status in NOT_VERIFIED and facts.code_verification_time is None:
        sentence = "Meta lists it no more: it was not verified within 90 days, or was deleted elsewhere."
        if facts.added_at is not None and facts.missing_since >= facts.added_at + UNVERIFIED_STAY:
            sentence = "It left the pool: it was not verified within 90 days."
    return PoolStanding(PoolState.GONE, sentence, Tone.NONE)


def _claimed(facts: PoolFacts, now: datetime) -> PoolStanding:
    if facts.is_registered:
        return PoolStanding(PoolState.IN_USE, "Claimed and registered: nothing to do.", Tone.OK)
    deadline = facts.register_by or (facts.claimed_at or now) + PREVERIFIED_WINDOW
    ends = "must be registered by"
    if has_passed(deadline, now=now):
        sentence = "Claimed, and the time to register it has passed: see its page."
        return PoolStanding(PoolState.CLAIMED, sentence, Tone.BAD, deadline=deadline, ends=ends)
    sentence = "Claimed by a client: register it in time."
    if facts.is_registered is None:
        sentence = "Claimed by a client; whether it is registered is not known: see its page."
    tone = Tone.WARN if deadline - now <= PRESSING else Tone.ACT
    return PoolStanding(PoolState.CLAIMED, sentence, tone, deadline=deadline, ends=ends)


def _in_the_pool(facts: PoolFacts, now: datetime) -> PoolStanding:
    status = facts.code_verification_status
    if is_verified(facts, now=now):
        return _verified(facts, now)
    was_verified = facts.code_verification_time is not None or facts.verification_expiry_time is not None
    if status in {LAPSED, VERIFIED} or (status in NOT_VERIFIED and was_verified):
        sentence = "Its verification has lapsed: a client would need a code. Verify it again."
        tone = Tone.ACT if _has_code(facts, now) else Tone.BAD
        return PoolStanding(PoolState.EXPIRED, _or_type_it(facts, now, sentence), tone, _next_code(facts, now))
    if status in NOT_VERIFIED:
        return _never_verified(facts, now)
    sentence = "Meta did not say whether it is verified: read it again."
    if status is not None:
        sentence = f"Meta says {status}, which the desk does not know: look it up before you offer it."
    return PoolStanding(PoolState.UNKNOWN, sentence, Tone.NONE, PoolStep.READ)


def _verified(facts: PoolFacts, now: datetime) -> PoolStanding:
    ends, renewable = expiry(facts), renewable_from(facts)
    if ends is None or renewable is None:
        state = PoolState.RESERVED if facts.is_reserved else PoolState.AVAILABLE
        return PoolStanding(state, "Verified; Meta did not say until when.", Tone.NONE, PoolStep.READ)
    lapses, pressing, may_renew = "verification lapses", ends - now <= PRESSING, renewable <= now
    if facts.is_reserved:
        more = ", and its verification is about to lapse: verify it again." if pressing else "."
        sentence = _or_type_it(facts, now, f"Offered in a signup link{more}")
        step = _next_code(facts, now) if pressing or _has_code(facts, now) else PoolStep.NONE
        return PoolStanding(PoolState.RESERVED, sentence, Tone.WARN if pressing else Tone.WAIT, step, ends, lapses)
    if pressing:
        sentence = _or_type_it(facts, now, "Verify it again soon, or it can no longer be offered.")
        return PoolStanding(PoolState.EXPIRING, sentence, Tone.WARN, _next_code(facts, now), ends, lapses)
    if may_renew:
        sentence = _or_type_it(facts, now, "Can be offered, and verified again for another 90 days.")
        return PoolStanding(PoolState.RENEWABLE, sentence, Tone.ACT, _next_code(facts, now), ends, lapses)
    return PoolStanding(PoolState.AVAILABLE, "Can be offered in a signup link.", Tone.OK, PoolStep.NONE, ends, lapses)


def _never_verified(facts: PoolFacts, now: datetime) -> PoolStanding:
    leaves: datetime | None = (facts.added_at or facts.first_seen_at) + UNVERIFIED_STAY
    ends = "leaves the pool" if facts.added_at is not None else "leaves the pool at the latest"
    # Still listed after that: it came later than we think, and when its time is up is not known.
    if has_passed(leaves, now=now):
        leaves = None
    if leaves is not None and leaves - now <= PRESSING:
        sentence = _or_type_it(facts, now, "Verify it soon, or Meta takes it out of the pool.")
        return PoolStanding(PoolState.LEAVING, sentence, Tone.WARN, _next_code(facts, now), leaves, ends)
    soon = " soon: it leaves 90 days after it was added, and that day is not known." if facts.added_at is None else "."
    sentence = _or_type_it(facts, now, f"Request a code and confirm it{soon}")
    ends = ends if leaves is not None else ""
    return PoolStanding(PoolState.NEEDS_CODE, sentence, Tone.ACT, _next_code(facts, now), leaves, ends)


def _has_code(facts: PoolFacts, now: datetime) -> bool:
    return is_code_good(facts.code_sent_at, now=now)


def _next_code(facts: PoolFacts, now: datetime) -> PoolStep:
    return PoolStep.VERIFY_CODE if _has_code(facts, now) else PoolStep.REQUEST_CODE


def _or_type_it(facts: PoolFacts, now: datetime, sentence: str) -> str:
    return "A code was sent: confirm it within ten minutes." if _has_code(facts, now) else sentence
