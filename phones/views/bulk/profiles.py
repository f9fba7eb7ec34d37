"""What a run over profiles would change, number by number, before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from phones.bulk import profiles
from phones.bulk_choices import ItemState
from phones.models import PhoneNumber
from phones.numbers.words import PROFILE_LABELS, value_in_words
from phones.querysets import BulkItemQuerySet

ROWS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ProfileDifference:
    """One number; of each thing that changes its label, what is there now and what then. Empty texts are nothing."""

    number: PhoneNumber
    lines: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class ProfileDifferences:
    """The numbers that get something else than they have: how many, how many have it all, and the first of them."""

    changed: int
    same: int
    rows: list[ProfileDifference]

    @property
    def left_out(self) -> int:
        return self.changed - len(self.rows)


def differences_of(items: BulkItemQuerySet, details: Mapping[str, Any]) -> ProfileDifferences:
    """What `details` would change on those of `items` that can run."""
    rows, same = [], 0
    waiting = items.filter(state=ItemState.WAITING).select_related("number__profile")
    for item in waiting.order_by("position"):
        found = profiles.details_for(item.number, details["changes"]) if item.number is not None else {"changes": {}}
        if not found["changes"] or item.number is None:
            same += 1
            continue
        lines = [
            (PROFILE_LABELS[name], _text(name, found["before"][name]), _text(name, value))
            for name, value in found["changes"].items()
        ]
        rows.append(ProfileDifference(item.number, lines))
    return ProfileDifferences(len(rows), same, rows[:ROWS_SHOWN])


def profile_lines(changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a run sets, as labels and texts; an empty text takes something away."""
    return [(label, _text(name, changes[name])) for name, label in PROFILE_LABELS.items() if name in changes]


def _text(name: str, value: Any) -> str:
    return value_in_words(name, value) if value else ""
