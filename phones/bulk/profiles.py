"""Profiles of many numbers: what of that which is to be set differs from what each has, as last read."""

from typing import Any

from phones.models import BusinessProfile, PhoneNumber
from phones.numbers.profile import Values, changes
from phones.sync.profile import values_of


def details_for(number: PhoneNumber, wanted: Values) -> dict[str, Any]:
    """The details of the action that gives `number` all that is `wanted`, `changes` being empty where it has it."""
    row: BusinessProfile | None = getattr(number, "profile", None)
    before = values_of(row or BusinessProfile())
    changed = changes(before, wanted)
    return {"changes": changed, "before": {name: before[name] for name in changed}}


def is_read(number: PhoneNumber) -> bool:
    row: BusinessProfile | None = getattr(number, "profile", None)
    return row is not None and row.read_at is not None
