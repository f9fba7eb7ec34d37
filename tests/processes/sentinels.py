"""Secrets that are planted into an installation, and the search for them in everything that it leaves behind."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

# Shorter ones occur by chance in what is encoded; they are looked for as they are read.
_LONG = 16
# How much around a secret is shown, and how much is read for it: what is cut off within a secret is not shown.
_NEAR, _FAR = 120, 600


@dataclass
class Sentinels:
    """Secrets by their value: what each is. Sought as they are, and as texts of other formats spell them."""

    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, what: str, value: str) -> str:
        """Look for `value` from now on; gives it."""
        assert len(value) >= 6, f"{what} would be found by chance"
        assert self.planted.get(value, what) == what, "two secrets are the same"
        self.planted[value] = what
        return value

    def found_in(self, text: str) -> set[str]:
        """What is found of the secrets in `text`, by what they are."""
        return {what for value, what in self.planted.items() if _place_of(value, text) is not None}

    def around(self, text: str) -> dict[str, str]:
        """What is found of the secrets in `text`, and where: its line, and what stands around it without secrets."""
        places = {what: place for value, what in self.planted.items() if (place := _place_of(value, text))}
        return {
            what: f"line {text.count(chr(10), 0, start) + 1}: {self._window(text, start, end)}"
            for what, (start, end) in places.items()
        }

    def _window(self, text: str, start: int, end: int) -> str:
        before, after = self.masked(text[max(0, start - _FAR) : start]), self.masked(text[end : end + _FAR])
        return f"…{before[-_NEAR:]}[here]{after[:_NEAR]}…"

    def masked(self, text: str) -> str:
        """`text` with each secret replaced by what it is."""
        for value, what in self.planted.items():
            for spelling in _spellings(value):
                text = text.replace(spelling, f"[{what}]")
        return text


def _place_of(value: str, text: str) -> tuple[int, int] | None:
    """Where in `text` this secret begins and ends; None where it is not."""
    if value.isdigit():
        # Not within an id, nor as the fraction of a second.
        found = re.search(rf"(?<![\w.]){value}(?!\w)", text) if value in text else None
        return found.span() if found is not None else None
    return next(((start, start + len(one)) for one in _spellings(value) if (start := text.find(one)) >= 0), None)


@cache
def _spellings(value: str) -> set[str]:
    """The value in texts, in addresses, in JSON, and wherever it stands in what is Base64."""
    found = {value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1]}
    if len(value) >= _LONG:
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + value.encode()).rstrip(b"=").decode()
            # The ends depend on what stands beside them.
            core = encoded[(before * 8 + 5) // 6 : -1]
            found |= {core, core.translate(str.maketrans("+/", "-_"))}
    return found
