"""What Meta says of a number or a WABA beside its state, in lines: each with its age, and why a part is missing.

Which lines there are, and in which words, stands with the pages of numbers and of WABAs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.explanations import Explanation, explain


@dataclass(frozen=True, slots=True)
class DetailLine:
    """One thing that Meta says. `at` and `source` are of the reading; `why` says what is known where it has no text."""

    field: str
    label: str
    text: str
    at: datetime | None = None
    source: str = ""
    note: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PartFailure:
    """Why a part could not be read lately."""

    part: str
    why: Explanation
    at: datetime


@dataclass(frozen=True, slots=True)
class DetailsSheet:
    """What is known; without lines before the first reading. The lines of a part that failed are those of before."""

    lines: list[DetailLine]
    failures: list[PartFailure]


def failures_of(parts: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str]) -> list[PartFailure]:
    """The parts whose last reading failed; `labels` names each part that is shown."""
    return [
        PartFailure(
            labels[name],
            explain(why["error_kind"], why["code"], why["subcode"], why["http_status"]),
            datetime.fromisoformat(why["at"]),
        )
        for name, part in parts.items()
        if name in labels and (why := part.get("failure"))
    ]
