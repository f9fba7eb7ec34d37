"""A number's facts as the desk knew them at a moment, taken back from what they are now by its history. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from phones.changes.verdict import OneChange
from phones.choices import ChangeKind


@dataclass(frozen=True, slots=True)
class FactThen:
    """The value of a fact at a moment; None where Graph had not returned it. `until` is when it changed next."""

    value: object
    until: datetime | None = None


def facts_then(now: Mapping[str, object], later: Iterable[OneChange]) -> dict[str, FactThen]:
    """Each fact of `now` as it was before the lines of `later`, which come oldest first.

    A line says what the fact was before it, so the first one of a fact decides.
    """
    then = {name: FactThen(value) for name, value in now.items()}
    met: set[str] = set()
    for change in later:
        if change.kind == ChangeKind.FIELD and change.field in then and change.field not in met:
            met.add(change.field)
            then[change.field] = FactThen(change.old, change.at)
    return then


def is_listed_then(earlier: OneChange | None) -> bool | None:
    """Whether a WABA listed the number, by the last line `earlier` of where it was; None where no line says."""
    if earlier is None:
        return None
    return earlier.kind not in {ChangeKind.MISSING, ChangeKind.GONE}
