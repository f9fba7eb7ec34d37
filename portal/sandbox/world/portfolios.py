"""How many numbers a business portfolio may have, and which number already has certain digits."""

import re

from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Business, Number, World

FEW, MANY = 2, 20
_GONE = frozenset({"DELETED", "MIGRATED"})


def most_numbers(owner: Business) -> int:
    """How many numbers a portfolio may have: few until it is verified, or trusted with more for its use."""
    return FEW if owner.verification != "verified" and owner.limit == "TIER_250" else MANY


def holder(world: World, digits: str) -> Number | None:
    """The number with these digits, calling code first, that some WABA has and uses."""
    for number in world.numbers():
        shown = re.sub(r"\D", "", str(number_value(number, "display_phone_number")))
        if shown == digits and number.wabas and number_value(number, "status") not in _GONE:
            return number
    return None
