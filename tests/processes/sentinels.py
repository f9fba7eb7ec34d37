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
        return {what for value, what in self.planted.items() if _holds(text, value)}


def _holds(text: str, value: str) -> bool:
    if value.isdigit():
        # Not within an id, nor as the fraction of a second.
        return value in text and re.search(rf"(?<![\w.]){value}(?!\w)", text) is not None
    return any(spelling in text for spelling in _spellings(value))


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
