"""The rules of `phones.numbers.rules` and `phones.numbers.clocks` as conditions on a row of PhoneNumber.

Each has the name of the rule that it mirrors and is made of the same constants; a test puts every combination of
values through both. Who may see a number is not decided here.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from phones.numbers import clocks, rules
from phones.numbers.lifecycle import Stage, Step
from phones.numbers.spellings import other_spellings


def is_registered(prefix: str = "") -> Q:
    """`prefix` is the path to the number, for rows of another table."""
    never = Q(**{f"{prefix}status__in": rules.NEVER_REGISTERED})
    return Q(**{f"{prefix}platform_type": rules.CLOUD_API}) & ~never


IS_REGISTERED = is_registered()
# `rules.reported_registered` is False; what Graph did not return decides nothing.
IS_REPORTED_UNREGISTERED = Q(status__in=rules.NEVER_REGISTERED) | Q(platform_type__in=rules.NOT_ON_CLOUD_API)
# `rules.reported_registered` is None: neither of the two above. Put so that an index of just these numbers is used.
IS_NOT_KNOWN_TO_BE_REGISTERED = (
    Q(platform_type=None) | ~Q(platform_type__in=(rules.CLOUD_API, *sorted(rules.NOT_ON_CLOUD_API)))
) & (Q(status=None) | ~Q(status__in=rules.NEVER_REGISTERED))
SEEMS_IN_SERVICE = IS_REGISTERED | (Q(status__in=rules.LIVE | {rules.BANNED}) & ~IS_REPORTED_UNREGISTERED)
IS_STOPPED = SEEMS_IN_SERVICE & Q(may_send=rules.MaySend.NO.value)
IS_VERIFIED = Q(code_verification_status=rules.VERIFIED)
IS_ADDED_OUTSIDE = Q(
    Q(status__in=rules.UNREGISTERED) | Q(status__in=rules.LIVE, platform_type=rules.ON_NO_PLATFORM),
    code_verification_status__in=rules.NOT_VERIFIED,
    last_onboarded_time=None,
    signup_at=None,
)

# Disconnected by its own state, or taken off Cloud API as an event says and its own state does not (yet).
IS_TAKEN_OFF = Q(stage=Stage.DISCONNECTED.value) & ~Q(status="MIGRATED")


def has_digits(digits: str) -> Q:
    """It is the number with these digits, country code first, in whichever way Meta or a person writes it."""
    return Q(digits__in=[digits, *other_spellings(digits)]) if digits else Q(pk__in=())


def has_any_digits(several: Iterable[str]) -> Q:
    """It is one of the numbers with these digits, in whichever way Meta or a person writes it."""
    spelled = {each for digits in several if digits for each in (digits, *other_spellings(digits))}
    return Q(digits__in=sorted(spelled))


def has_passed(now: datetime) -> Q:
    """The time to register it, or to make its new name live, is up."""
    return Q(registration_deadline__lte=now)


def is_pressing(now: datetime) -> Q:
    """The time to register it, or to make its new name live, is up soon."""
    return Q(registration_deadline__gt=now, registration_deadline__lt=now + clocks.PRESSING)


def is_stale(now: datetime, age: str = "age__") -> Q:
    """What is said of it rests on a fact that was answered too long ago to be trusted. `age`: the path to its ages."""
    return Q(**{f"{age}facts_as_of__lt": now - clocks.STALE_AFTER})


def is_waiting_for_lapsed_code(now: datetime) -> Q:
    """Its next step is to type a code that is no longer good."""
    return Q(step=Step.VERIFY_CODE.value, stage_since__lte=now - clocks.CODE_LIFE)


def is_waiting_to_show_too_long(now: datetime) -> Q:
    """Meta took its registration, and by now it should show."""
    waits = Q(stage=Stage.REGISTERING.value, step=Step.REFRESH.value)
    return waits & Q(stage_since__lte=now - clocks.SHOWS_WITHIN)
