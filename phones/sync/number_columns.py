"""The columns and lines of history that a reading of a number comes to: what is stored, and what follows from it.

No statements here: `write_numbers` writes them.
"""

import datetime

from phones.choices import ChangeKind, Source
from phones.models import NumberAge, PhoneNumber
from phones.numbers import standing
from phones.numbers.rules import NAME_ACCEPTED
from phones.numbers.search import digits_of, search_text_of
from phones.sync import plan

MOST_FORMER_NAMES = 20
_SEARCHED = ("display_phone_number", "verified_name", "new_display_name")


def of_new_number(phone_number_id: str, facts: object, *, waba: int, asked_at: datetime.datetime) -> PhoneNumber:
    """A number that is seen for the first time; not saved."""
    number = PhoneNumber(
        phone_number_id=phone_number_id,
        waba_id=waba,
        first_seen_at=asked_at,
        **facts,  # type: ignore[arg-type] # a mapping of columns made by plan.columns_of
    )
    number.age = NumberAge(synced_at=asked_at, synced_by=Source.SYNC)  # as the database makes it
    if number.new_name_status in NAME_ACCEPTED:
        number.name_approved_at = asked_at
    derived = _derived(number, {}) | standing.of_new(number, now=asked_at)
    for name, value in derived.items():
        setattr(number, name, value)
    return number


def of_update(number: PhoneNumber, update: plan.NumberUpdate, at: datetime.datetime) -> dict[str, object]:
    """The columns of `update`, with what is derived from them."""
    columns = dict(update.columns)
    old_name = number.verified_name
    if "verified_name" in columns and old_name and old_name not in number.former_names:
        columns["former_names"] = [*number.former_names, old_name][-MOST_FORMER_NAMES:]
    if "new_name_status" in columns:
        approved = columns["new_name_status"] in NAME_ACCEPTED
        columns["name_approved_at"] = (number.name_approved_at or at) if approved else None
    if any(name in columns for name in _SEARCHED):
        columns |= _derived(number, columns)
    return columns


def _derived(number: PhoneNumber, columns: dict[str, object]) -> dict[str, object]:
    """The columns that follow from others, for `number` once `columns` are written to it."""

    def value(name: str) -> object:
        return columns.get(name, getattr(number, name))

    digits = digits_of(value("display_phone_number"))  # type: ignore[arg-type] # a text or None
    return {
        "digits": digits,
        "search_text": search_text_of(
            phone_number_id=number.phone_number_id,
            digits=digits,
            verified_name=value("verified_name"),  # type: ignore[arg-type] # a text or None
            new_display_name=value("new_display_name"),  # type: ignore[arg-type] # a text or None
            former_names=value("former_names"),  # type: ignore[arg-type] # a list of texts
        ),
    }


def news_of(update: plan.NumberUpdate) -> list[dict[str, object]]:
    """The columns of one line of history for each fact that changed."""
    return [
        {"kind": ChangeKind.FIELD, "field": change.field, "old": json_of(change.old), "new": json_of(change.new)}
        for change in update.changes
    ]


def json_of(value: object) -> object:
    """`value` as a line of history keeps it."""
    return value.isoformat() if isinstance(value, datetime.datetime) else value
