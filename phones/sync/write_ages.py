"""Writes the ages of numbers: when each was last read. Runs inside a transaction.

A reading that finds a number as it was writes this and nothing else of it. What decides by an age has it locked, so
that no newer reading comes in between: numbers first, where these are written too, then ages, each in the order of
their keys.
"""

import datetime
from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from phones.choices import Source
from phones.models import NumberAge, PhoneNumber
from portal import database_clock
from portal.many_rows import save_columns
from portal.web.keys import OneOf


def locked(numbers: Iterable[int]) -> QuerySet[NumberAge]:
    """The ages of these numbers (keys), which are locked as they are read."""
    return NumberAge.objects.filter(OneOf(numbers)).select_for_update(no_key=True).order_by("pk")


def lock(numbers: Collection[PhoneNumber]) -> None:
    """Lock the ages of these numbers, which are locked, and put them beside the numbers.

    In a statement of its own: one that waits for a number gets what it joins to it as it was before. An age that was
    lost is made anew.
    """
    ages = {age.pk: age for age in locked([number.pk for number in numbers])}
    lost = [number for number in numbers if number.pk not in ages]
    if lost:
        made = (NumberAge(number=number, synced_at=number.first_seen_at) for number in lost)
        NumberAge.objects.bulk_create(made, ignore_conflicts=True)
        ages |= {age.pk: age for age in locked([number.pk for number in lost])}
    for number in numbers:
        number.age = ages[number.pk]


def note_read(numbers: Collection[int], *, asked_at: datetime.datetime, source: Source = Source.SYNC) -> None:
    """Note that these numbers (keys), whose ages are locked, were read; not of one that was read later already."""
    if numbers:
        ages = NumberAge.objects.filter(database_clock.older("synced_at", asked_at), OneOf(numbers))
        ages.update(synced_at=asked_at, synced_by=source)


def save(numbers: Collection[PhoneNumber]) -> None:
    """Write the ages that stand beside these stored numbers."""
    for number in numbers:
        number.age.number_id = number.pk
    save_columns([number.age for number in numbers], ["synced_at", "synced_by"])
