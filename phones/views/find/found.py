"""One thing that the look-up found, whatever kind it is of, and which of them comes first."""

from dataclasses import dataclass

EXACT, STARTS, HOLDS = 0, 1, 2
"""How well what was typed fits: it is the name or the number, the beginning or the end of it, or a part."""


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the look-up. `kind` and `key` name the thing in the list of recent ones; pages have no key."""

    kind: str
    key: str
    label: str
    icon: str
    title: str
    address: str
    detail: str = ""
    fit: int = HOLDS
    is_recent: bool = False

    def place_in(self, kinds: tuple[str, ...]) -> tuple[bool, bool, int, int]:
        """What the lines are sorted by: what fits exactly, then recent ones, then by fit and by kind."""
        return self.fit != EXACT, not self.is_recent, self.fit, kinds.index(self.kind)


def fit_of(text: str, typed: str) -> int:
    """How well `typed` fits `text`, both folded."""
    if text == typed:
        return EXACT
    return STARTS if text.startswith(typed) else HOLDS
