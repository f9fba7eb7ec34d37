"""Counts over time as rows of columns, one row for each thing that is counted, and lengths as bars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Of a picture's height and width, in percent. No column is broader than those of two weeks: the one of a single day
# would look like a bar whose length says something.
_GAP, _LEAST, _BROADEST = 12, 4, 100 / 14


@dataclass(frozen=True, slots=True)
class Column:
    """One count. `left`, `width`, `top` and `height` are percent of the picture; `when` is its time in words."""

    when: str
    count: int
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that was counted several times, the oldest first; its picture has a scale of its own.

    There is a column wherever some were counted.
    """

    label: str
    tone: str
    meaning: str
    counts: tuple[int, ...]
    columns: list[Column]

    @property
    def latest(self) -> int:
        return self.counts[-1]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def trend(self) -> str:
        """How many more than at first: "+12", "−3", "the same"; empty where it was counted once."""
        if len(self.counts) < 2:
            return ""
        step = self.counts[-1] - self.counts[0]
        return f"{step:+,}".replace("-", "−") if step else "the same"


def series_of(label: str, counts: Sequence[int], times: Sequence[str], *, tone: str, meaning: str = "") -> Series:
    """`counts` at `times`, drawn against the largest of them."""
    width, most = min(100 / max(len(counts), 1), _BROADEST), max([*counts, 1])
    columns = [
        _column(when, count, place * width, width, count / most * 100)
        for place, (when, count) in enumerate(zip(times, counts, strict=True))
        if count
    ]
    return Series(label, tone, meaning, tuple(counts), columns)


def _column(when: str, count: int, left: float, width: float, height: float) -> Column:
    tall = max(height, _LEAST)
    gap = width * _GAP / 100
    return Column(when, count, round(left, 2), round(width - gap, 2), round(100 - tall, 2), round(tall, 2))


def share(part: float, whole: float) -> float:
    """How much of `whole` a part is, in percent of a bar's width: what there is some of can be seen."""
    return round(max(part / whole * 100, 0.5), 1) if part and whole else 0.0
