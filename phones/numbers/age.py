"""How old what is known of a number or a WABA is: when each fact was last answered, what a statement rests on. Pure.

A reading that leaves a fact out keeps its last value, so a number that was read just now may stand on a month-old
connection. What is said of a number is as old as the oldest fact that it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from phones.choices import Source
from phones.numbers.lifecycle import Stage

if TYPE_CHECKING:
    from clients.models import Waba
    from phones.models import PhoneNumber

_ALWAYS = ("status", "platform_type")
# What else the stage is read from: before the registration the code and the name decide, after it the name.
_BESIDES = {
    Stage.NEEDS_CODE: ("code_verification_status",),
    Stage.NAME_BLOCKS: ("code_verification_status", "name_status"),
    Stage.READY: ("code_verification_status", "name_status"),
    Stage.WINDOW_CLOSED: ("code_verification_status",),
    Stage.REGISTERED: ("name_status",),
}
_BY_STAGE = {stage.value: (*_ALWAYS, *_BESIDES.get(stage, ())) for stage in Stage}

_SAID_OF_THE_WHOLE = frozenset({"stage", "may_send"})


def rests_on(stage: str) -> tuple[str, ...]:
    """The facts that `stage` is read from."""
    return _BY_STAGE.get(stage, _ALWAYS)


def oldest_fact_at(provenance: Mapping[str, object], stage: str) -> datetime | None:
    """When the oldest of the facts behind `stage` was last answered; None when all came with the latest reading."""
    times = [_entry(provenance, name) for name in rests_on(stage)]
    return min((entry[0] for entry in times if entry is not None), default=None)


def last_answer(number: PhoneNumber, field: str) -> tuple[datetime, Source]:
    """When and which way `field` of `number` was last answered: most facts share the number's own last reading.

    For what is said of the number as a whole (its stage, whether it may send) the age of the facts behind it.
    """
    if field in _SAID_OF_THE_WHOLE:
        return number.facts_as_of, Source(number.synced_by)
    return _entry(number.provenance, field) or (number.synced_at, Source(number.synced_by))


def last_answer_of_waba(waba: Waba, field: str) -> datetime | None:
    """When `field` of `waba` itself was last answered; None before its first reading."""
    entry = _entry(waba.provenance, field)
    return waba.facts_read_at if entry is None else entry[0]


def _entry(provenance: Mapping[str, object], field: str) -> tuple[datetime, Source] | None:
    known = provenance.get(field)
    try:
        return datetime.fromisoformat(known["at"]), Source(known["source"])  # type: ignore[index] # checked by trying
    except (KeyError, TypeError, ValueError):
        return None
