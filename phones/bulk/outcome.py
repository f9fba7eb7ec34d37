"""What came of one item."""

from dataclasses import dataclass

from phones.bulk import words
from phones.bulk_choices import ItemState
from phones.models import Action


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an item; `reason` is empty where it was simply done."""

    state: ItemState
    reason: str = ""
    action: Action | None = None


NOT_YOURS = Outcome(ItemState.SKIPPED, words.NOT_YOURS)
DONE = Outcome(ItemState.DONE)
