"""Whether what a page shows has changed since it was shown.

A page carries a mark: a few letters for each row that it shows, made of the row's key and of what it says. Asked later
with that mark, the same query is read again for the same person and its rows are compared. Nothing is believed of the
mark but that it is text, and no clock is needed: what changed and changed back is no news, and neither is a row that
the person may not see.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

# The parameter that carries the mark.
SHOWN = "shown"
# Letters of each row in a mark: 30 bits. A change that leaves them as they are would not be announced.
_LETTERS = 5
# A longer mark is no page's.
_LONGEST_MARK = 400 * _LETTERS


def mark_of(rows: Iterable[Sequence[object]]) -> str:
    """The mark of a page that shows these rows, each given as its key and what it says."""
    return "".join(_letters_of(row) for row in rows)


def updates_between(shown: str, now: str) -> int:
    """How many rows differ between the marks of one page: a row that another one took the place of counts once."""
    before, after = _rows_in(shown), _rows_in(now)
    return max(len(before - after), len(after - before))


def told_by(row: Any, paths: Iterable[str]) -> list[object]:
    """The key of `row`, and what stands at `paths` (`client__owner_id`) of it; None where a relation is missing."""
    return [row.pk, *(_value_at(row, path) for path in paths)]


def _value_at(row: Any, path: str) -> object:
    for name in path.split("__"):
        row = getattr(row, name, None)
    return row


def _letters_of(row: Sequence[object]) -> str:
    text = json.dumps(row, default=str, separators=(",", ":"))
    digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_LETTERS]


def _rows_in(mark: str) -> set[str]:
    mark = mark[:_LONGEST_MARK]
    return {mark[start : start + _LETTERS] for start in range(0, len(mark), _LETTERS)}
