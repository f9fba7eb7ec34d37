"""What addresses say: the address of the same page with something else chosen, and what may be believed of their text.

Knows neither models nor what any parameter means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Address:
    """A path and its parameters. Makes the addresses of the same list with something else chosen."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.pairs)}" if self.pairs else self.path

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def setting(self, name: str, *values: str) -> Address:
        """With `name` set to `values` and nothing else; with none, without it."""
        kept = tuple(pair for pair in self.pairs if pair[0] != name)
        return replace(self, pairs=(*kept, *((name, value) for value in values)))

    def without(self, name: str, *values: str) -> Address:
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair[0] != name or pair[1] not in values))

    def at(self, path: str) -> Address:
        return replace(self, path=path)


def clamped(text: str, *, default: int, least: int, most: int) -> int:
    """A whole number from an address, kept between `least` and `most`; `default` when it is none."""
    if not (text.isascii() and text.isdecimal()):
        return default
    return max(least, min(most, int(text[:9])))


def row_key(text: str) -> int | None:
    """The primary key that an address or a form names by `text`; None for what can't be one."""
    # 18 digits fit every database's integers; longer texts are refused by Python or by the database.
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def is_storable(text: str) -> bool:
    """Whether a database can hold `text`. Asked for text that it cannot hold, it fails instead of finding nothing."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
