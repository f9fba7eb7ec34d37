"""Writes what lists say of a number's username, profile and calling, in the transaction that stores the reading."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from phones.models import PhoneNumber, ProfileTurn
from portal import database_clock

# What could not be read again for so long is not stated any more.
HOLDS_FOR = datetime.timedelta(days=3)
STATES = ("username_state", "profile_state", "calling_state")
MOST_LAPSED = 1_000


def interval() -> datetime.timedelta:
    """How often the profile lane reads a number; zero where it is switched off."""
    return datetime.timedelta(hours=settings.PROFILE_INTERVAL_HOURS)


def holds_for() -> datetime.timedelta:
    """How long a reading is stated: three turns, and three days at least."""
    return max(HOLDS_FOR, 3 * interval())


def lock(number: PhoneNumber) -> None:
    """Lock the number before anything is written of it, so that all who do wait in the same order."""
    PhoneNumber.objects.select_for_update(of=("self",), no_key=True).get(pk=number.pk)


def keep(number: PhoneNumber, **states: str | None) -> None:
    """Write these states where they differ. Called under the lock of the number, which has forty indexes."""
    if not states:
        return
    differs = Q()
    for name, state in states.items():
        differs |= Q(**{f"{name}__isnull": False}) if state is None else Q(**{name: None}) | ~Q(**{name: state})
    PhoneNumber.objects.filter(differs, pk=number.pk).update(**states)
    lapses_at = database_clock.now() + holds_for()
    ProfileTurn.objects.update_or_create(number=number, defaults={"lapses_at": lapses_at})


def forget(number: PhoneNumber, state: str) -> None:
    """Say "can't tell" of this column of the number. Called under the lock of the number."""
    PhoneNumber.objects.filter(pk=number.pk, **{f"{state}__isnull": False}).update(**{state: None})


def forget_old() -> None:
    """Say "can't tell" of numbers whose details could not be read for long, some at a time.

    What somebody has locked is left to the next tick: this waits for nobody, so that nobody waits for it in a circle.
    """
    now = database_clock.now()
    lapsed = ProfileTurn.objects.filter(lapses_at__lte=now).order_by("lapses_at").values_list("pk", flat=True)
    if not (keys := list(lapsed[:MOST_LAPSED])):
        return
    with transaction.atomic():
        turns = ProfileTurn.objects.filter(pk__in=keys, lapses_at__lte=now).order_by("pk")
        free = list(turns.select_for_update(skip_locked=True).values_list("pk", flat=True))
        numbers = PhoneNumber.objects.filter(pk__in=free).order_by("pk")
        locked = numbers.select_for_update(of=("self",), skip_locked=True, no_key=True)
        keys = list(locked.values_list("pk", flat=True))
        PhoneNumber.objects.filter(pk__in=keys).update(**dict.fromkeys(STATES))
        ProfileTurn.objects.filter(pk__in=keys).update(lapses_at=None)
