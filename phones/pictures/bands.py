"""One fact of a number over a time as bands, one for each value, worked out from what it is now and its history. Pure.

A moment of which the history says nothing is not known, which is a band too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from phones.changes.verdict import OneChange

# A picture is about this wide where it is narrowest, in pixels; its letters about this.
_NARROWEST, _LETTER, _MARGIN = 230, 6.6, 8


@dataclass(frozen=True, slots=True)
class Band:
    """A value from one moment to the next; where it lies in the picture, in percent of its width.

    `value` is Graph's, None where Graph had not returned it. `is_known` is false where nothing says what it was.
    """

    value: object
    starts: datetime
    ends: datetime
    left: float
    width: float
    is_known: bool = True

    def room_for(self, word: str) -> str:
        """`word` if it can be read inside the band, else its first letter, else nothing."""
        pixels = self.width * _NARROWEST / 100 - _MARGIN
        for text in (word, word[:1]):
            if len(text) * _LETTER <= pixels:
                return text
        return ""


def bands_of(
    now_is: object,
    lines: Iterable[OneChange],
    *,
    known_from: datetime | None,
    known_until: datetime,
    since: datetime,
    until: datetime,
) -> list[Band]:
    """The values of one fact from `since` to `until`, oldest first.

    `lines` are those of the fact, oldest first; `known_from` is since when the desk knew it, None where it never did,
    and `known_until` when it last read it.
    """
    changes = [line for line in lines if line.at <= until]
    if changes and (known_from is None or changes[0].at < known_from):
        known_from = changes[0].at
    known_until = min(max([known_until, *(line.at for line in changes[-1:])]), until)
    if known_from is None or known_from >= known_until or known_until <= since:
        return [_band(None, since, until, since, until, is_known=False)]
    values = [(max(known_from, since), changes[0].old if changes else now_is)]
    for line in changes:
        if line.at <= values[-1][0]:
            values[-1] = (values[-1][0], line.new)
        elif line.new != values[-1][1]:
            values.append((line.at, line.new))
    bands = [_band(None, since, known_from, since, until, is_known=False)] if known_from > since else []
    ends = [at for at, _ in values[1:]] + [known_until]
    bands += [_band(value, at, end, since, until) for (at, value), end in zip(values, ends, strict=True)]
    return bands + ([_band(None, known_until, until, since, until, is_known=False)] if known_until < until else [])


def place_of(moment: datetime, since: datetime, until: datetime) -> float:
    """Where a moment lies between two others, in percent."""
    return round((moment - since) / (until - since) * 100, 2)


def _band(
    value: object, starts: datetime, ends: datetime, since: datetime, until: datetime, *, is_known: bool = True
) -> Band:
    left = place_of(starts, since, until)
    return Band(value, starts, ends, left, round(place_of(ends, since, until) - left, 2), is_known)
